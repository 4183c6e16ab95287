/**
 * @file What a client asks of a job: to stop, or to be cancelled. One compare-and-set each.
 *
 * A queued job is cancelled at once. For a running one the intent is recorded, and its worker
 * confirms it within a second; a worker that finishes first still honours a recorded cancel
 * (runs/finish-run.ts). Terminal states never change.
 */
import type { JobStatus } from '../../contract/jobs.ts'
import { endEventData, statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'

/** What became of the request; `status` is that before it. */
export type IntentOutcome =
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'cancelled' | 'recorded' }
  | { readonly outcome: 'refused'; readonly status: JobStatus }

const cancelSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET
    status = CASE WHEN before.status = 'queued' THEN 'cancelled' ELSE jobs.status END,
    intent = 'cancel',
    status_reason = CASE WHEN before.status = 'queued' THEN $3::jsonb ELSE jobs.status_reason END,
    event_seq = event_seq + CASE WHEN before.status = 'queued' THEN 2 ELSE 0 END,
    ended_at = CASE WHEN before.status = 'queued' THEN clock_timestamp() END,
    transitions = CASE WHEN before.status = 'queued'
      THEN ${withTransition("'cancelled'")} ELSE transitions END
  FROM before
  WHERE jobs.id = before.id AND before.status IN ('queued', 'running')
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
  const status = rows[0]?.status
  if (!status) return { outcome: 'missing' }
  if (status === 'running') return { outcome: 'recorded' }
  if (status === 'queued' || status === 'cancelled') return { outcome: 'cancelled' }
  return { outcome: 'refused', status }
}

/** A recorded cancel is not taken back by a stop. */
const stopSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), job AS (
  UPDATE jobs SET intent = 'stop' FROM before
  WHERE jobs.id = before.id AND before.status = 'running' AND jobs.intent = 'none'
)
SELECT status FROM before`

export async function stopJob(
  db: Queryable,
  projectId: string,
  jobId: string,
): Promise<IntentOutcome> {
  const { rows } = await db.query<{ status: JobStatus }>(stopSql, [projectId, jobId])
  const status = rows[0]?.status
  if (!status) return { outcome: 'missing' }
  return status === 'running' ? { outcome: 'recorded' } : { outcome: 'refused', status }
}
