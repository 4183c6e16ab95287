/**
 * @file How long a job has trained: the sum over its runs that have ended. Time in the queue and time at
 * rest do not count; of a lost worker, the time until somebody noticed does.
 */
import type { Queryable } from '../transaction.ts'

export async function countSeconds(db: Queryable, jobId: string): Promise<number> {
  const { rows } = await db.query<{ seconds: number }>(
    `SELECT coalesce(sum(extract(epoch FROM ended_at - started_at)), 0)::float8 AS seconds
    FROM runs WHERE job_id = $1 AND ended_at IS NOT NULL`,
    [jobId],
  )
  return rows[0]?.seconds ?? 0
}
