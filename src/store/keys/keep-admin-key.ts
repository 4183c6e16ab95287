/** @file The instance keeps an admin key that works, or nobody could ever make another. */
import { AppError } from '../../contract/errors.ts'
import type { Queryable } from '../transaction.ts'
import { lockAdminKeys } from './lock-admin-keys.ts'

/**
 * To be run in the transaction that removes the project and its keys with it. The locks keep two
 * such requests from each counting on the other's key.
 * Errors: `last_admin_key`.
 */
export async function keepAdminKeyOutside(
  transaction: Queryable,
  projectId: string,
): Promise<void> {
  const adminKeys = await lockAdminKeys(transaction)
  if (adminKeys.some(({ project_id }) => project_id !== projectId)) return
  throw new AppError(
    'last_admin_key',
    `Every admin key that still works belongs to ${projectId} and would go with it.`,
  )
}
