/** @file How many jobs there are in each status, and how long the oldest of the queue has waited. */
import type { JobStatus } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'

export interface JobCounts {
  readonly byStatus: ReadonlyMap<JobStatus, number>
  /** 0 when nothing is queued. */
  readonly oldestQueuedSeconds: number
}

/** Of all projects: for whoever runs the service. A job that has come back waits since then. */
export async function countJobs(db: Queryable): Promise<JobCounts> {
  const { rows } = await db.query<{ status: JobStatus; n: number; oldest: number | null }>(
    `SELECT status, count(*)::int AS n, CASE status WHEN 'queued' THEN (
        SELECT extract(epoch FROM clock_timestamp() - min(
          coalesce((transitions -> -1 ->> 'at')::timestamptz, created_at)))::float
        FROM jobs WHERE status = 'queued'
      ) END AS oldest
    FROM jobs GROUP BY status`,
  )
  return {
    byStatus: new Map(rows.map(({ status, n }) => [status, n])),
    oldestQueuedSeconds: rows.find(({ status }) => status === 'queued')?.oldest ?? 0,
  }
}
