/** @file How much a project's datasets hold, and how nobody adds to it between a look and a write. */
import { AppError } from '../contract/errors.ts'
import type { Queryable } from './transaction.ts'

export async function countDatasetBytes(db: Queryable, projectId: string): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>(
    'SELECT coalesce(sum(bytes), 0) AS bytes FROM datasets WHERE project_id = $1',
    [projectId],
  )
  return Number(rows[0]?.bytes ?? 0)
}

/**
 * To be run in a transaction, until whose end other datasets of the project wait for this one.
 * Rows that refer to the project are not held up: they lock it FOR KEY SHARE.
 * Errors: `project_not_found`.
 */
export async function lockDatasetBytes(transaction: Queryable, projectId: string): Promise<void> {
  const { rowCount } = await transaction.query(
    'SELECT 1 FROM projects WHERE id = $1 FOR NO KEY UPDATE',
    [projectId],
  )
  if (rowCount === 0) throw new AppError('project_not_found', `There is no project ${projectId}.`)
}
