/** @file Checkpoints go: those that newer ones have replaced, and one that turned out to be damaged. */
import type pg from 'pg'

import type { Claim } from '../runs/claim-next.ts'
import { inScopedTransaction, type Queryable } from '../transaction.ts'
import { isInUse, lockCheckpoints } from './checkpoint-uses.ts'

/** The best one is kept too: if the latest is damaged, the one before it is there. */
const latestKept = 2

interface RemovedRow {
  readonly blob_id: string
  readonly rest_blob_id: string
}

const isReplaced = `job_id = $1 AND NOT best
  AND id NOT IN (
    SELECT id FROM checkpoints WHERE job_id = $1 AND fence > 0 ORDER BY step DESC LIMIT ${latestKept})`

/** To be called after a checkpoint was written, by the same run. A lost claim removes nothing. */
export function pruneCheckpoints(pool: pg.Pool, { jobId, fence }: Claim): Promise<void> {
  return inScopedTransaction(pool, 'prune', async (transaction) => {
    const { rowCount } = await transaction.query(
      `SELECT 1 FROM jobs WHERE id = $1 AND fence = $2 AND status = 'running' FOR SHARE`,
      [jobId, fence],
    )
    if (rowCount === 0) return
    await lockCheckpoints(transaction, jobId, isReplaced)
    const { rows } = await transaction.query<RemovedRow>(
      `DELETE FROM checkpoints WHERE ${isReplaced} AND NOT ${isInUse}
      RETURNING blob_id, rest_blob_id`,
      [jobId],
    )
    await removeBlobs(transaction, rows)
  })
}

/** Says so in the job's events. Returns false when the claim was lost: nothing was removed then. */
export function removeDamagedCheckpoint(
  pool: pg.Pool,
  { jobId, fence }: Claim,
  { id, step }: { readonly id: string; readonly step: number },
): Promise<boolean> {
  const message = `The checkpoint at step ${step} is damaged: its files are not what was written. It was removed.`
  return inScopedTransaction(pool, 'damaged', async (transaction) => {
    const { rows } = await transaction.query<RemovedRow>(
      `WITH job AS (
        UPDATE jobs SET event_seq = event_seq + 1
        WHERE id = $1 AND fence = $2 AND status = 'running'
        RETURNING id, event_seq
      ), event AS (
        INSERT INTO events (job_id, seq, type, data)
        SELECT id, event_seq, 'log', jsonb_build_object('level', 'warn', 'message', $4::text)
        FROM job
      )
      DELETE FROM checkpoints USING job
      WHERE checkpoints.job_id = job.id AND checkpoints.id = $3
      RETURNING checkpoints.blob_id, checkpoints.rest_blob_id`,
      [jobId, fence, id, message],
    )
    await removeBlobs(transaction, rows)
    return rows.length > 0
  })
}

/**
 * All of a job that starts over; the caller holds its row. Those from which other jobs start stay for
 * them alone: under a negative fence the job neither resumes from them nor ends with them, and may
 * write the same steps again.
 */
export async function discardCheckpoints(transaction: Queryable, jobId: string): Promise<void> {
  await lockCheckpoints(transaction, jobId)
  const { rows } = await transaction.query<RemovedRow>(
    `DELETE FROM checkpoints WHERE job_id = $1 AND NOT ${isInUse} RETURNING blob_id, rest_blob_id`,
    [jobId],
  )
  await transaction.query(
    'UPDATE checkpoints SET fence = -abs(fence), best = false WHERE job_id = $1',
    [jobId],
  )
  await removeBlobs(transaction, rows)
}

/** After the rows that name them. */
async function removeBlobs(transaction: Queryable, rows: readonly RemovedRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.flatMap(({ blob_id, rest_blob_id }) => [blob_id, rest_blob_id])
  await transaction.query('DELETE FROM blobs WHERE id = ANY($1::text[])', [ids])
}
