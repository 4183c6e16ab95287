/**
 * @file Jobs whose worker has not renewed its lease go back to the queue, with a message for each.
 *
 * A recorded cancel or pause is honoured here: nobody else could confirm it; and a stop, where there is a
 * checkpoint whose weights are the result. Being lost does not count as a
 * crash: machines go away, and that is not the job's fault.
 */
import type { Intent } from '../../contract/jobs.ts'
import { crashPoint } from '../../faults/crash-point.ts'
import { succeedFromCheckpoint } from '../jobs/succeed-from-checkpoint.ts'
import { endEventData, pausedReason, statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'

const becomes = `CASE intent
      WHEN 'cancel' THEN 'cancelled' WHEN 'pause' THEN 'paused' ELSE 'queued' END::job_status`

const reclaimExpiredSql = `
WITH expired AS (
  SELECT id, owner FROM jobs
  WHERE status = 'running' AND lease_expires_at < clock_timestamp()
  ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
), job AS (
  UPDATE jobs SET
    status = ${becomes},
    status_reason = CASE WHEN intent = 'cancel'
      THEN '{"code":"cancelled_by_client","message":"A client cancelled the job."}'::jsonb
      WHEN intent = 'pause' THEN ${pausedReason}
      ELSE jsonb_build_object('code', 'worker_lost', 'message',
        'Worker ' || expired.owner || ' did not renew its lease.') END,
    intent = CASE WHEN intent = 'pause' THEN 'none' ELSE intent END,
    transitions = ${withTransition(becomes)},
    event_seq = event_seq + CASE WHEN intent = 'cancel' THEN 2 ELSE 1 END,
    ended_at = CASE WHEN intent = 'cancel' THEN clock_timestamp() END,
    owner = NULL, lease_expires_at = NULL
  FROM expired WHERE jobs.id = expired.id
  RETURNING jobs.*, jobs.event_seq - (jobs.status = 'cancelled')::int AS status_seq
), run AS (
  UPDATE runs SET status = 'lost', reason = job.status_reason, ended_at = clock_timestamp()
  FROM job WHERE runs.job_id = job.id AND runs.fence = job.fence
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, status_seq, 'status', ${statusEventData} FROM job
), end_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'end', ${endEventData} FROM job WHERE status = 'cancelled'
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job WHERE status = 'queued'
)
SELECT id, intent FROM job`

/** Returns the ids of the jobs that were taken back. */
export async function reclaimExpired(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string; intent: Intent }>(reclaimExpiredSql)
  if (rows.length > 0) crashPoint('reclaim.taken_back')
  for (const { id, intent } of rows) if (intent === 'stop') await succeedFromCheckpoint(db, id)
  return rows.map(({ id }) => id)
}
