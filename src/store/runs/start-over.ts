/**
 * @file A job that cannot go on with the same bits starts over, and says so: its losses and checkpoints
 * go, since this worker will compute others. One from which another job starts
 * stays for that job alone.
 */
import type pg from 'pg'

import { discardCheckpoints } from '../checkpoints/remove-checkpoints.ts'
import { inScopedTransaction } from '../transaction.ts'
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
  SELECT id, event_seq, 'log', jsonb_build_object('level', 'warn', 'message', $4::text) FROM job
)
SELECT event_seq FROM job`

/** Returns false when the claim was lost: nothing was written then. */
export function startOver(
  pool: pg.Pool,
  { jobId, fence }: Claim,
  numericsVersion: number,
  why = `This worker computes under numerics version ${numericsVersion}`,
): Promise<boolean> {
  return inScopedTransaction(pool, 'start_over', async (transaction) => {
    const message = `${why}: the job starts over at step 0.`
    const { rowCount } = await transaction.query(startOverSql, [
      jobId,
      fence,
      numericsVersion,
      message,
    ])
    if (rowCount === 1) await discardCheckpoints(transaction, jobId)
    return rowCount === 1
  })
}
