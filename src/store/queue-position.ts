/** @file Where a queued job stands in its project. */
import type { Job } from './generated/client.ts'
import type { Queryable } from './transaction.ts'

const countAheadSql = `
SELECT count(*)::int AS ahead FROM jobs
WHERE project_id = $1 AND status = 'queued' AND (priority > $3 OR (priority = $3 AND id < $2))`

/**
 * From 1. Inside a transaction it must be asked on that transaction's own connection: one that waits
 * for a second keeps its first from those who wait as it does.
 */
export async function readQueuePosition(
  db: Queryable,
  projectId: string,
  { id, priority }: Pick<Job, 'id' | 'priority'>,
): Promise<number> {
  const { rows } = await db.query<{ ahead: number }>(countAheadSql, [projectId, id, priority])
  return (rows[0]?.ahead ?? 0) + 1
}
