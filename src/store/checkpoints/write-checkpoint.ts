/**
 * @file Writing a checkpoint while its job trains on. The files come first, chunk by chunk, and hold no
 * lock that a lease's renewal would wait for; the fence is checked, and the job's row locked, by the
 * statement that makes the checkpoint exist.
 *
 * The caller has written all losses up to its step: who goes on from here writes those after it.
 */
import pg from 'pg'

import { newId } from '../../contract/ids.ts'
import type { TakenCheckpoint } from '../../contract/tasks.ts'
import { crashPoint } from '../../faults/crash-point.ts'
import { chunkBytes } from '../blobs/chunks.ts'
import { createBlobWriter, type WrittenBlob } from '../blobs/write-blob.ts'
import type { Claim } from '../runs/claim-next.ts'
import { inScopedTransaction, type Queryable } from '../transaction.ts'

export interface NewCheckpoint extends Omit<TakenCheckpoint, 'milliseconds'> {
  /** Not stored: for whoever measures. */
  readonly milliseconds?: number
  /** Whose lowest value makes the best checkpoint. */
  readonly metricName: 'loss' | 'validation_loss'
}

export interface CheckpointOwner extends Claim {
  readonly projectId: string
}

/**
 * A job that makes progress between its crashes may crash again: the count begins anew, however long after
 * its resume the crash comes. One that crashes at the same step each time ends all the same: a run goes
 * on from the last checkpoint before that step, and there are only so many steps to take one at.
 */
const commitSql = `
WITH job AS (
  UPDATE jobs SET event_seq = event_seq + 1, crashes = 0
  WHERE id = $1 AND fence = $2 AND status = 'running'
  RETURNING id, event_seq
), checkpoint AS (
  INSERT INTO checkpoints (id, job_id, step, epoch, fence, blob_id, bytes, sha256, rest_blob_id,
    plan_hash, numerics_version, preprocessing, metric)
  SELECT $3, job.id, $4, $5, $2, $6, $7, $8, $9, $10, $11, $12, (
    SELECT value FROM losses
    WHERE job_id = $1 AND name = $13 AND step <= $4 ORDER BY step DESC LIMIT 1)
  FROM job
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'checkpoint',
    jsonb_build_object('checkpoint', $3::text, 'step', $4::int, 'epoch', $5::int)
  FROM job
)
SELECT 1 FROM job`

/** Of equals the earlier one stays. */
const markBestSql = `
WITH lowest AS (
  SELECT id FROM checkpoints WHERE job_id = $1 AND fence > 0 AND metric IS NOT NULL
  ORDER BY metric, step LIMIT 1
)
UPDATE checkpoints SET best = (checkpoints.id = lowest.id)
FROM lowest WHERE job_id = $1 AND best <> (checkpoints.id = lowest.id)`

/** Rolls back what was written for nothing. */
class NotCommitted extends Error {}

/**
 * Returns false when the claim was lost, or when `isWanted` said meanwhile that nobody needs it any
 * more: nothing was written then.
 */
export async function writeCheckpoint(
  pool: pg.Pool,
  owner: CheckpointOwner,
  checkpoint: NewCheckpoint,
  isWanted: () => boolean,
): Promise<boolean> {
  try {
    await inScopedTransaction(pool, 'checkpoint', async (transaction) => {
      const write = (file: Uint8Array) => writeFile(transaction, owner.projectId, file, isWanted)
      const weights = await write(checkpoint.weights)
      crashPoint('checkpoint.weights_written')
      const rest = await write(checkpoint.rest)
      crashPoint('checkpoint.rest_written')
      await commit(transaction, owner, checkpoint, { weights, rest })
    })
    return true
  } catch (error) {
    if (error instanceof NotCommitted) return false
    if (isThereAlready(error)) return true
    throw error
  }
}

/** It did commit, and the answer was lost with a connection: the step has its checkpoint. */
function isThereAlready(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError && error.constraint === 'checkpoints_job_id_step_fence_key'
  )
}

async function writeFile(
  transaction: Queryable,
  projectId: string,
  file: Uint8Array,
  isWanted: () => boolean,
): Promise<WrittenBlob> {
  const writer = await createBlobWriter(transaction, projectId)
  for (let start = 0; start < file.length; start += chunkBytes) {
    if (!isWanted()) throw new NotCommitted()
    await writer.write(file.subarray(start, start + chunkBytes))
  }
  return writer.end()
}

async function commit(
  transaction: Queryable,
  { jobId, fence }: Claim,
  checkpoint: NewCheckpoint,
  { weights, rest }: { readonly weights: WrittenBlob; readonly rest: WrittenBlob },
): Promise<void> {
  const { rowCount } = await transaction.query(commitSql, [
    jobId,
    fence,
    newId('checkpoint'),
    checkpoint.step,
    checkpoint.epoch,
    weights.id,
    weights.bytes,
    weights.sha256,
    rest.id,
    checkpoint.planHash,
    checkpoint.numericsVersion,
    JSON.stringify(checkpoint.preprocessing),
    checkpoint.metricName,
  ])
  if (rowCount === 0) throw new NotCommitted()
  crashPoint('checkpoint.row_written')
  await transaction.query(markBestSql, [jobId])
}
