/**
 * @file The end of a run: terminal for the job, or back to the queue. Fenced like every write.
 *
 * A cancel that was recorded before the end wins over any other outcome, so what a client was
 * promised holds. The weights are committed with the status, or not at all.
 */
import type pg from 'pg'

import type {
  Evaluation,
  JobStatus,
  Metrics,
  RunStatus,
  StatusReason,
} from '../../contract/jobs.ts'
import type { Preprocessing } from '../../contract/preprocessing.ts'
import { writeBlob } from '../blobs/write-blob.ts'
import { endEventData, statusEventData, terminalList, withTransition } from '../sql-fragments.ts'
import { inTransaction, type Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'
import { type RunProgress, writeProgress } from './write-progress.ts'

export interface RunEnd {
  /** What the job becomes, unless a cancel was recorded. */
  readonly jobStatus: Exclude<JobStatus, 'running'>
  readonly runStatus: Exclude<RunStatus, 'running'>
  readonly reason: StatusReason | null
  /** What the run reported and nobody has written yet: it commits with the end. */
  readonly unwritten?: RunProgress
  /** Latest values, merged over those already there. */
  readonly metrics?: Metrics
  readonly evaluation?: Evaluation
  readonly weights?: { readonly content: Uint8Array; readonly preprocessing: Preprocessing }
  /** Counts towards max_attempts; at the limit the job fails as crashed_repeatedly. */
  readonly crashed?: boolean
}

const outcome = `CASE
      WHEN intent = 'cancel' THEN 'cancelled'
      WHEN $9 AND crashes + 1 >= max_attempts THEN 'failed'
      ELSE $3::job_status END`

const outcomeReason = `CASE
      WHEN intent = 'cancel' THEN
        '{"code":"cancelled_by_client","message":"A client cancelled the job."}'::jsonb
      WHEN $9 AND crashes + 1 >= max_attempts THEN jsonb_build_object(
        'code', 'crashed_repeatedly',
        'message', 'The job crashed ' || (crashes + 1) || ' times; the last time: ' || ($5::jsonb ->> 'message'))
      ELSE $5::jsonb END`

const finishRunSql = `
WITH job AS (
  UPDATE jobs SET
    status = ${outcome},
    status_reason = ${outcomeReason},
    transitions = ${withTransition(outcome)},
    event_seq = event_seq + CASE WHEN ${outcome} IN ${terminalList} THEN 2 ELSE 1 END,
    ended_at = CASE WHEN ${outcome} IN ${terminalList} THEN clock_timestamp() END,
    crashes = crashes + $9::boolean::int,
    metrics = metrics || $6::jsonb,
    evaluation = $7::jsonb,
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
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, status_seq, 'status', ${statusEventData} FROM job
), end_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'end', ${endEventData} FROM job WHERE status IN ${terminalList}
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job WHERE status = 'queued'
)
SELECT status, project_id FROM job`

/** Returns what the job became, or null when the claim was lost: nothing was written then. */
export async function finishRun(
  pool: pg.Pool,
  claim: Claim,
  end: RunEnd,
): Promise<JobStatus | null> {
  const { weights, unwritten } = end
  if (!weights && !unwritten) return (await updateRows(pool, claim, end))?.status ?? null

  return inTransaction(pool, async (transaction) => {
    if (unwritten && !(await writeProgress(transaction, claim, unwritten))) return null
    const job = await updateRows(transaction, claim, end)
    if (job?.status !== 'succeeded' || !weights) return job?.status ?? null
    const blob = await writeBlob(transaction, job.project_id, weights.content)
    await transaction.query(
      `INSERT INTO weights (job_id, blob_id, bytes, sha256, preprocessing)
      VALUES ($1, $2, $3, $4, $5)`,
      [claim.jobId, blob.id, blob.bytes, blob.sha256, JSON.stringify(weights.preprocessing)],
    )
    return job.status
  })
}

async function updateRows(
  db: Queryable,
  { jobId, fence }: Claim,
  end: RunEnd,
): Promise<{ status: JobStatus; project_id: string } | undefined> {
  const { rows } = await db.query<{ status: JobStatus; project_id: string }>({
    name: 'finish-run',
    text: finishRunSql,
    values: [
      jobId,
      fence,
      end.jobStatus,
      end.runStatus,
      end.reason && JSON.stringify(end.reason),
      JSON.stringify(end.metrics ?? {}),
      end.evaluation ? JSON.stringify(end.evaluation) : null,
      JSON.stringify({ eta_seconds: null }),
      end.crashed ?? false,
    ],
  })
  return rows[0]
}
