/**
 * @file What a client asks of a job: to stop, to be cancelled, to rest, to go on. One compare-and-set each.
 *
 * A job that no worker has is changed at once. For a running one the intent is recorded, and its worker
 * confirms it within a second; a worker that finishes first still honours a recorded cancel
 * (runs/finish-runs.ts). Terminal states never change.
 */
import type { JobStatus } from '../../contract/jobs.ts'
import { endEventData, pausedReason, statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import { succeedFromCheckpoint } from './succeed-from-checkpoint.ts'

/** What became of the request; `status` is that before it. */
export type IntentOutcome =
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'done' | 'recorded' }
  | { readonly outcome: 'refused'; readonly status: JobStatus }

const cancelSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET
    status = CASE WHEN before.status = 'running' THEN jobs.status ELSE 'cancelled' END,
    intent = 'cancel',
    status_reason = CASE WHEN before.status = 'running' THEN jobs.status_reason ELSE $3::jsonb END,
    event_seq = event_seq + CASE WHEN before.status = 'running' THEN 0 ELSE 2 END,
    ended_at = CASE WHEN before.status <> 'running' THEN clock_timestamp() END,
    transitions = CASE WHEN before.status = 'running'
      THEN transitions ELSE ${withTransition("'cancelled'")} END
  FROM before
  WHERE jobs.id = before.id AND before.status IN ('queued', 'running', 'paused')
  RETURNING jobs.*
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq - 1, 'status', ${statusEventData} FROM job WHERE status = 'cancelled'
), end_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'end', ${endEventData} FROM job WHERE status = 'cancelled'
)
SELECT status FROM before`

/** Cancelling what is already cancelled changes nothing and is no error. */
export async function cancelJob(
  db: Queryable,
  projectId: string,
  jobId: string,
): Promise<IntentOutcome> {
  const reason = { code: 'cancelled_by_client', message: 'A client cancelled the job.' }
  const { rows } = await db.query<{ status: JobStatus }>(cancelSql, [
    projectId,
    jobId,
    JSON.stringify(reason),
  ])
  return outcomeOf(rows[0]?.status, ['queued', 'paused', 'cancelled'])
}

/** A recorded cancel is not taken back by a stop; a pause is. */
const stopSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET intent = 'stop' FROM before
  WHERE jobs.id = before.id AND before.status = 'running' AND jobs.intent IN ('none', 'pause')
)
SELECT status FROM before`

/** To be run in a transaction: what rests ends with the weights of its checkpoint, if it has one. */
export async function stopJob(
  transaction: Queryable,
  projectId: string,
  jobId: string,
): Promise<IntentOutcome> {
  const { rows } = await transaction.query<{ status: JobStatus }>(stopSql, [projectId, jobId])
  const status = rows[0]?.status
  const hasResult =
    status === 'paused' && (await succeedFromCheckpoint(transaction, jobId, { isAsked: true }))
  return outcomeOf(status, hasResult ? ['paused'] : [])
}

/** A recorded stop or cancel is not taken back by a pause. */
const pauseSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET
    status = CASE WHEN before.status = 'queued' THEN 'paused' ELSE jobs.status END,
    intent = CASE WHEN before.status = 'running' AND jobs.intent = 'none'
      THEN 'pause' ELSE jobs.intent END,
    status_reason = CASE WHEN before.status = 'queued' THEN ${pausedReason} ELSE jobs.status_reason END,
    event_seq = event_seq + (before.status = 'queued')::int,
    transitions = CASE WHEN before.status = 'queued'
      THEN ${withTransition("'paused'")} ELSE transitions END
  FROM before
  WHERE jobs.id = before.id AND before.status IN ('queued', 'running')
  RETURNING jobs.*
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'status', ${statusEventData} FROM job WHERE status = 'paused'
)
SELECT status FROM before`

/** Pausing what is already paused changes nothing and is no error. */
export async function pauseJob(
  db: Queryable,
  projectId: string,
  jobId: string,
): Promise<IntentOutcome> {
  const { rows } = await db.query<{ status: JobStatus }>(pauseSql, [projectId, jobId])
  return outcomeOf(rows[0]?.status, ['queued', 'paused'])
}

const resumeSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET
    status = 'queued', status_reason = NULL, event_seq = event_seq + 1,
    transitions = ${withTransition("'queued'")}
  FROM before WHERE jobs.id = before.id AND before.status = 'paused'
  RETURNING jobs.*
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'status', ${statusEventData} FROM job
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job
)
SELECT status FROM before`

/** Back to the queue: whoever claims it goes on from its checkpoint. */
export async function resumeJob(
  db: Queryable,
  projectId: string,
  jobId: string,
): Promise<IntentOutcome> {
  const { rows } = await db.query<{ status: JobStatus }>(resumeSql, [projectId, jobId])
  const status = rows[0]?.status
  if (status === 'running') return { outcome: 'refused', status }
  return outcomeOf(status, ['paused'])
}

/** A running job is left to its worker; in the statuses of `done` it is done at once. */
function outcomeOf(status: JobStatus | undefined, done: readonly JobStatus[]): IntentOutcome {
  if (!status) return { outcome: 'missing' }
  if (status === 'running') return { outcome: 'recorded' }
  return done.includes(status) ? { outcome: 'done' } : { outcome: 'refused', status }
}
