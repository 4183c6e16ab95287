/**
 * @file The end of a run: terminal for the job, or back to the queue. Fenced like every write.
 *
 * A cancel that was recorded before the end wins over any other outcome, so what a client was
 * promised holds; a pause wins over going back to the queue, and a stop over a pause. The weights are committed with the status, or not at all.
 */
import { createHash } from 'node:crypto'

import type pg from 'pg'

import { newId } from '../../contract/ids.ts'
import type {
  Evaluation,
  JobStatus,
  Metrics,
  RunStatus,
  StatusReason,
} from '../../contract/jobs.ts'
import type { Preprocessing } from '../../contract/preprocessing.ts'
import { chunkBytes } from '../blobs/chunks.ts'
import {
  endEventData,
  pausedReason,
  statusEventData,
  terminalList,
  withTransition,
} from '../sql-fragments.ts'
import { inTransaction, type Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'
import { latestMetrics, type RunProgress } from './write-progress.ts'

export interface RunEnd {
  /** What the job becomes, unless something else was asked for meanwhile. */
  readonly jobStatus: Exclude<JobStatus, 'running'>
  readonly runStatus: Exclude<RunStatus, 'running'>
  readonly reason: StatusReason | null
  /** What the run reported and nobody has written yet: it commits with the end. */
  readonly unwritten?: RunProgress
  /** Latest values, merged over those already there. */
  readonly metrics?: Metrics
  readonly evaluation?: Evaluation
  readonly weights?: { readonly content: Uint8Array; readonly preprocessing: Preprocessing }
  /** Given where it was stopped: an earlier run may have come further, and its losses go. */
  readonly lastStep?: number
  /** Counts towards max_attempts; at the limit the job fails as crashed_repeatedly. */
  readonly crashed?: boolean
}

const outcome = `CASE
      WHEN intent = 'cancel' THEN 'cancelled'
      WHEN $9 AND crashes + 1 >= max_attempts THEN 'failed'
      WHEN $3::job_status = 'queued' AND intent = 'pause' THEN 'paused'
      WHEN $3::job_status = 'paused' AND intent = 'stop' THEN 'queued'
      ELSE $3::job_status END`

const outcomeReason = `CASE
      WHEN intent = 'cancel' THEN
        '{"code":"cancelled_by_client","message":"A client cancelled the job."}'::jsonb
      WHEN $9 AND crashes + 1 >= max_attempts THEN jsonb_build_object(
        'code', 'crashed_repeatedly',
        'message', 'The job crashed ' || (crashes + 1) || ' times; the last time: ' || ($5::jsonb ->> 'message'))
      WHEN $3::job_status = 'queued' AND intent = 'pause' THEN ${pausedReason}
      ELSE $5::jsonb END`

const hasPoints = 'cardinality($10::text[]) > 0'

const finishRunSql = `
WITH job AS (
  UPDATE jobs SET
    status = ${outcome},
    status_reason = ${outcomeReason},
    intent = CASE WHEN ${outcome} = 'paused' THEN 'none' ELSE intent END,
    transitions = ${withTransition(outcome)},
    event_seq = event_seq + (${hasPoints})::int
      + CASE WHEN ${outcome} IN ${terminalList} THEN 2 ELSE 1 END,
    ended_at = CASE WHEN ${outcome} IN ${terminalList} THEN clock_timestamp() END,
    crashes = crashes + $9::boolean::int,
    metrics = metrics || $6::jsonb,
    evaluation = CASE WHEN ${outcome} = 'succeeded' THEN $7::jsonb END,
    progress = progress || $8::jsonb,
    owner = NULL,
    lease_expires_at = NULL
  WHERE id = $1 AND fence = $2 AND status = 'running'
  RETURNING *, event_seq - (status IN ${terminalList})::int AS status_seq
), run AS (
  UPDATE runs SET
    status = CASE WHEN job.status = 'cancelled' THEN 'cancelled' ELSE $4::run_status END,
    reason = $5::jsonb, ended_at = clock_timestamp()
  FROM job WHERE runs.job_id = job.id AND runs.fence = $2
), points AS (
  INSERT INTO losses (job_id, name, step, value, seq)
  SELECT job.id, p.name, p.step, p.value, job.status_seq - 1
  FROM job, unnest($10::text[], $11::int[], $12::float8[]) AS p (name, step, value)
  ON CONFLICT DO NOTHING
), loss_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, status_seq - 1, 'loss', jsonb_build_object('progress', progress)
  FROM job WHERE ${hasPoints}
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, status_seq, 'status', ${statusEventData} FROM job
), end_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'end', ${endEventData} FROM job WHERE status IN ${terminalList}
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job WHERE status = 'queued'
), blob AS (
  INSERT INTO blobs (id, project_id, bytes, sha256)
  SELECT $13, project_id, $14, $15 FROM job WHERE $13::text IS NOT NULL AND status = 'succeeded'
), first_chunk AS (
  INSERT INTO blob_chunks (blob_id, index, data)
  SELECT $13, 0, $16 FROM job WHERE $13::text IS NOT NULL AND status = 'succeeded'
), weights AS (
  INSERT INTO weights (job_id, blob_id, bytes, sha256, preprocessing)
  SELECT id, $13, $14, $15, $17 FROM job WHERE $13::text IS NOT NULL AND status = 'succeeded'
)
SELECT status FROM job`

/**
 * Returns what the job became, or null when the claim was lost: nothing was written then. Weights
 * of one chunk go with the one statement; more chunks follow it in a transaction.
 */
export async function finishRun(
  pool: pg.Pool,
  claim: Claim,
  end: RunEnd,
): Promise<JobStatus | null> {
  const content = end.weights?.content
  if (!content || content.length <= chunkBytes) return updateRows(pool, claim, end, newId('blob'))

  const blobId = newId('blob')
  return inTransaction(pool, async (transaction) => {
    const status = await updateRows(transaction, claim, end, blobId)
    if (status === 'succeeded') await writeFurtherChunks(transaction, blobId, content)
    return status
  })
}

async function writeFurtherChunks(
  transaction: Queryable,
  blobId: string,
  content: Uint8Array,
): Promise<void> {
  for (let index = 1; index * chunkBytes < content.length; index++) {
    const chunk = asBuffer(content.subarray(index * chunkBytes, (index + 1) * chunkBytes))
    await transaction.query('INSERT INTO blob_chunks (blob_id, index, data) VALUES ($1, $2, $3)', [
      blobId,
      index,
      chunk,
    ])
  }
}

async function updateRows(
  db: Queryable,
  { jobId, fence }: Claim,
  end: RunEnd,
  blobId: string,
): Promise<JobStatus | null> {
  const points = end.unwritten?.points ?? []
  const progress = { ...end.unwritten?.progress, eta_seconds: null }
  const metrics = { ...latestMetrics(points), ...end.metrics }
  const { rows } = await db.query<{ status: JobStatus }>({
    name: 'finish-run',
    text: finishRunSql,
    values: [
      jobId,
      fence,
      end.jobStatus,
      end.runStatus,
      end.reason && JSON.stringify(end.reason),
      JSON.stringify(metrics),
      end.evaluation ? JSON.stringify(end.evaluation) : null,
      JSON.stringify(progress),
      end.crashed ?? false,
      points.map(({ name }) => name),
      points.map(({ step }) => step),
      points.map(({ value }) => value),
      ...weightsValues(blobId, end.weights),
    ],
  })
  return rows[0]?.status ?? null
}

/** For $13 to $17. */
function weightsValues(blobId: string, weights: RunEnd['weights']) {
  if (!weights) return [null, null, null, null, null]
  const { content, preprocessing } = weights
  return [
    blobId,
    content.length,
    createHash('sha256').update(content).digest('hex'),
    asBuffer(content.subarray(0, chunkBytes)),
    JSON.stringify(preprocessing),
  ]
}

/** A view, not a copy: pg takes bytes as a Buffer. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
