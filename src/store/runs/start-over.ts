/**
 * @file A job that other numerics have begun starts over: its losses go, since this worker will
 * compute other bits, and the job says so.
 */
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'

const startOverSql = `
WITH job AS (
  UPDATE jobs SET
    numerics_version = $3, event_seq = event_seq + 1, metrics = '{}',
    progress = progress || '{"step":0,"epoch":0,"eta_seconds":null}'
  WHERE id = $1 AND fence = $2 AND status = 'running'
  RETURNING id, event_seq
), gone AS (
  DELETE FROM losses USING job WHERE losses.job_id = job.id
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'log', jsonb_build_object('level', 'warn', 'message',
    'This worker computes under numerics version ' || $3::int || ': the job starts over at step 0.')
  FROM job
)
SELECT event_seq FROM job`

/** Returns false when the claim was lost: nothing was written then. */
export async function startOver(
  db: Queryable,
  { jobId, fence }: Claim,
  numericsVersion: number,
): Promise<boolean> {
  const { rowCount } = await db.query(startOverSql, [jobId, fence, numericsVersion])
  return rowCount === 1
}
