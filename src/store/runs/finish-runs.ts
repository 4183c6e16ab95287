/**
 * @file The ends of runs: terminal for their jobs, or back to the queue. Fenced like every write, each
 * by its own fence: one that has lost its claim changes nothing, and the others of the statement end.
 *
 * A cancel that was recorded before the end wins over any other outcome, so what a client was
 * promised holds; a pause wins over going back to the queue, and a stop over a pause. The weights are
 * committed with the status, or not at all.
 */
import { createHash } from 'node:crypto'

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
import type { Queryable } from '../transaction.ts'
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

/** What the run of a job became, by what the job became: as the statement below has it. */
export function runStatusOf(jobStatus: JobStatus, { runStatus }: RunEnd): RunEnd['runStatus'] {
  return jobStatus === 'cancelled' ? 'cancelled' : runStatus
}

export interface EndedRun {
  readonly claim: Claim
  readonly end: RunEnd
}

const outcome = `CASE
      WHEN intent = 'cancel' THEN 'cancelled'
      WHEN has_crashed AND crashes + 1 >= max_attempts THEN 'failed'
      WHEN becomes = 'queued' AND intent = 'pause' THEN 'paused'
      WHEN becomes = 'paused' AND intent = 'stop' THEN 'queued'
      ELSE becomes END`

const outcomeReason = `CASE
      WHEN intent = 'cancel' THEN
        '{"code":"cancelled_by_client","message":"A client cancelled the job."}'::jsonb
      WHEN has_crashed AND crashes + 1 >= max_attempts THEN jsonb_build_object(
        'code', 'crashed_repeatedly',
        'message', 'The job crashed ' || (crashes + 1) || ' times; the last time: ' || (why ->> 'message'))
      WHEN becomes = 'queued' AND intent = 'pause' THEN ${pausedReason}
      ELSE why END`

/**
 * The rows are locked in the order of their ids, as renew-leases.ts does: two statements over the same
 * jobs wait for each other in one order only.
 */
const finishRunsSql = `
WITH ended AS (
  SELECT asked.*, jobs.status = 'running' AS is_held FROM jsonb_to_recordset($1::jsonb) AS asked (
    place int, job_id text, run_fence int, becomes job_status, run_becomes run_status, why jsonb,
    has_crashed boolean, new_metrics jsonb, new_evaluation jsonb, new_progress jsonb, points int,
    blob_id text, bytes bigint, sha256 text, chunk_start int, chunk_bytes int, preprocessing jsonb
  ) JOIN jobs ON jobs.id = job_id AND jobs.fence = run_fence
  ORDER BY jobs.id FOR NO KEY UPDATE OF jobs
), job AS (
  UPDATE jobs SET
    status = ${outcome},
    status_reason = ${outcomeReason},
    intent = CASE WHEN ${outcome} = 'paused' THEN 'none' ELSE intent END,
    transitions = ${withTransition(outcome)},
    event_seq = event_seq + (points > 0)::int
      + CASE WHEN ${outcome} IN ${terminalList} THEN 2 ELSE 1 END,
    ended_at = CASE WHEN ${outcome} IN ${terminalList} THEN clock_timestamp() END,
    crashes = crashes + has_crashed::int,
    metrics = metrics || new_metrics,
    evaluation = CASE WHEN ${outcome} = 'succeeded' THEN new_evaluation END,
    progress = progress || new_progress,
    owner = NULL,
    lease_expires_at = NULL
  FROM ended WHERE jobs.id = job_id AND jobs.fence = run_fence AND is_held
  RETURNING jobs.*, ended.*,
    jobs.event_seq - (jobs.status IN ${terminalList})::int AS status_seq,
    (blob_id IS NOT NULL AND jobs.status = 'succeeded') AS has_weights
), run AS (
  UPDATE runs SET
    status = CASE WHEN job.status = 'cancelled' THEN 'cancelled' ELSE run_becomes END,
    reason = why, ended_at = clock_timestamp()
  FROM job WHERE runs.job_id = job.id AND runs.fence = job.fence
), losses_written AS (
  INSERT INTO losses (job_id, name, step, value, seq)
  SELECT job.id, p.name, p.step, p.value, job.status_seq - 1
  FROM unnest($2::int[], $3::text[], $4::int[], $5::float8[]) AS p (place, name, step, value)
  JOIN job USING (place)
  ON CONFLICT DO NOTHING
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, status_seq - 1, 'loss'::event_type, jsonb_build_object('progress', progress)
  FROM job WHERE points > 0
  UNION ALL SELECT id, status_seq, 'status', ${statusEventData} FROM job
  UNION ALL SELECT id, event_seq, 'end', ${endEventData} FROM job WHERE status IN ${terminalList}
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job WHERE status = 'queued'
), blob AS (
  INSERT INTO blobs (id, project_id, bytes, sha256)
  SELECT blob_id, project_id, bytes, sha256 FROM job WHERE has_weights
), first_chunk AS (
  INSERT INTO blob_chunks (blob_id, index, data)
  SELECT blob_id, 0, substring($6::bytea FROM chunk_start + 1 FOR chunk_bytes)
  FROM job WHERE has_weights
), weights AS (
  INSERT INTO weights (job_id, blob_id, bytes, sha256, preprocessing)
  SELECT id, blob_id, bytes, sha256, preprocessing FROM job WHERE has_weights
)
SELECT place, status FROM job`

/**
 * What each job became, or null where the claim was lost: nothing was written then. Of weights, only
 * the first chunk is written, under the id in `blobIds`.
 */
export async function finishRuns(
  db: Queryable,
  ended: readonly EndedRun[],
  blobIds: readonly string[] = ended.map(() => newId('blob')),
): Promise<(JobStatus | null)[]> {
  const chunks = ended.map(({ end }) => end.weights?.content.subarray(0, chunkBytes) ?? nothing)
  const points = ended.flatMap(({ end }, place) =>
    (end.unwritten?.points ?? []).map((point) => ({ place, ...point })),
  )
  let chunkStart = 0
  const records = ended.map(({ claim, end }, place) => {
    const chunk = { chunk_start: chunkStart, chunk_bytes: chunks[place].length }
    chunkStart += chunk.chunk_bytes
    return { place, ...recordOf(claim, end), ...weightsOf(end, blobIds[place]), ...chunk }
  })
  const { rows } = await db.query<{ place: number; status: JobStatus }>({
    name: 'finish-runs',
    text: finishRunsSql,
    values: [
      JSON.stringify(records),
      points.map(({ place }) => place),
      points.map(({ name }) => name),
      points.map(({ step }) => step),
      points.map(({ value }) => value),
      Buffer.concat(chunks),
    ],
  })
  const statuses = new Map(rows.map(({ place, status }) => [place, status]))
  return ended.map((_, place) => statuses.get(place) ?? null)
}

const nothing = new Uint8Array()

function recordOf({ jobId, fence }: Claim, end: RunEnd) {
  const points = end.unwritten?.points ?? []
  return {
    job_id: jobId,
    run_fence: fence,
    becomes: end.jobStatus,
    run_becomes: end.runStatus,
    why: end.reason,
    has_crashed: end.crashed ?? false,
    new_metrics: { ...latestMetrics(points), ...end.metrics },
    new_evaluation: end.evaluation,
    new_progress: { ...end.unwritten?.progress, eta_seconds: null },
    points: points.length,
  }
}

function weightsOf({ weights }: RunEnd, blobId: string) {
  if (!weights) return {}
  return {
    blob_id: blobId,
    bytes: weights.content.length,
    sha256: createHash('sha256').update(weights.content).digest('hex'),
    preprocessing: weights.preprocessing,
  }
}
