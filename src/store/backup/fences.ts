/**
 * @file Workers that were at work on a database before another's rows took the place of its own. One whose
 * lease is live is named; one that was taken for dead and comes back finds fences above its own.
 */
import type { Queryable } from '../transaction.ts'

export interface LiveLease {
  readonly worker: string
  readonly jobs: number
  /** Until the last of them ends, unless it is renewed. */
  readonly seconds: number
}

export async function readLiveLeases(db: Queryable): Promise<LiveLease[]> {
  const { rows } = await db.query<LiveLease>(
    `SELECT coalesce(owner, 'unknown') AS worker, count(*)::int AS jobs,
      ceil(extract(epoch FROM max(lease_expires_at) - clock_timestamp()))::int AS seconds
    FROM jobs WHERE status = 'running' AND lease_expires_at > clock_timestamp()
    GROUP BY 1 ORDER BY 1`,
  )
  return rows
}

/** That any worker can have of a job that is there. */
export async function readHighestFence(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ fence: number }>(
    'SELECT coalesce(max(fence), 0) AS fence FROM jobs',
  )
  return rows[0].fence
}

/** Of all jobs that can still be worked on; a run at work keeps the fence of its job. */
export async function raiseFences(db: Queryable, by: number): Promise<void> {
  await db.query(
    `UPDATE runs SET fence = runs.fence + $1 FROM jobs
    WHERE jobs.id = job_id AND jobs.status = 'running' AND jobs.fence = runs.fence`,
    [by],
  )
  await db.query(
    `UPDATE jobs SET fence = fence + $1 WHERE status IN ('queued', 'running', 'paused')`,
    [by],
  )
}
