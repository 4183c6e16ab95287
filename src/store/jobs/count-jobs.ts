/** @file How many jobs there are in each status, and how long the oldest of the queue has waited. */
import type { JobStatus } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'

export interface JobCounts {
  readonly byStatus: ReadonlyMap<JobStatus, number>
  /** 0 when nothing is queued. */
  readonly oldestQueuedSeconds: number
}

/** Of all projects: for whoever runs the service. */
export async function countJobs(db: Queryable): Promise<JobCounts> {
  const { rows } = await db.query<{ status: JobStatus; n: number; oldest: number }>(
    `SELECT status, count(*)::int AS n,
      extract(epoch FROM clock_timestamp() - min(created_at))::float AS oldest
    FROM jobs GROUP BY status`,
  )
  return {
    byStatus: new Map(rows.map(({ status, n }) => [status, n])),
    oldestQueuedSeconds: rows.find(({ status }) => status === 'queued')?.oldest ?? 0,
  }
}
