/** @file Keeps a project from being removed while something is made in it. */
import { AppError } from '../contract/errors.ts'
import type { Queryable } from './transaction.ts'

/** To be run in a transaction, until whose end it holds. Errors: `project_not_found`. */
export async function lockProject(transaction: Queryable, id: string): Promise<void> {
  const { rowCount } = await transaction.query(
    'SELECT 1 FROM projects WHERE id = $1 FOR KEY SHARE',
    [id],
  )
  if (rowCount === 0) throw new AppError('project_not_found', `There is no project ${id}.`)
}
