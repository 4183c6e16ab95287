/**
 * @file The end of a run that was recorded before: of one whose answer was lost with a connection, and that
 * is recorded again. Under one fence only its own worker records an end, but for a run that was lost.
 */
import type { JobStatus } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'
import type { RunEnd } from './finish-runs.ts'

/** What the job became then; null where this run has not ended so, or was taken from its worker. */
export async function readRunEnd(
  db: Queryable,
  { jobId, fence }: Claim,
  { runStatus }: Pick<RunEnd, 'runStatus'>,
): Promise<JobStatus | null> {
  // Only a job that went back to the queue was claimed again.
  const { rows } = await db.query<{ status: JobStatus }>(
    `SELECT CASE WHEN jobs.fence = runs.fence THEN jobs.status ELSE 'queued' END AS status
    FROM runs JOIN jobs ON jobs.id = runs.job_id
    WHERE runs.job_id = $1 AND runs.fence = $2 AND runs.status IN ($3, 'cancelled')`,
    [jobId, fence, runStatus],
  )
  return rows[0]?.status ?? null
}
