/** @file A run says where it goes on: the job's progress stands there again, and an event tells. */
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'

const resumeRunSql = `
WITH job AS (
  UPDATE jobs SET
    event_seq = event_seq + 1,
    progress = progress || jsonb_build_object('step', $3::int, 'epoch', $4::int, 'eta_seconds', NULL)
  WHERE id = $1 AND fence = $2 AND status = 'running'
  RETURNING id, event_seq
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'log', jsonb_build_object('level', 'info', 'message', $5::text) FROM job
)
SELECT 1 FROM job`

/** Returns false when the claim was lost: nothing was written then. */
export async function resumeRun(
  db: Queryable,
  { jobId, fence }: Claim,
  { step, epoch }: { readonly step: number; readonly epoch: number },
): Promise<boolean> {
  const message =
    step === 0
      ? 'No checkpoint is left: the job starts again at step 0.'
      : `The job goes on from the checkpoint at step ${step}.`
  const { rowCount } = await db.query(resumeRunSql, [jobId, fence, step, epoch, message])
  return rowCount === 1
}
