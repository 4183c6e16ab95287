/** @file Losses of steps that the job's weights have not seen: an earlier run came further than the one that was stopped. */
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'

export async function forgetLossesAfter(
  db: Queryable,
  { jobId, fence }: Claim,
  step: number,
): Promise<void> {
  await db.query(
    `WITH job AS (
      SELECT id FROM jobs WHERE id = $1 AND fence = $2 AND status = 'running' FOR SHARE
    )
    DELETE FROM losses USING job WHERE losses.job_id = job.id AND losses.step > $3`,
    [jobId, fence, step],
  )
}
