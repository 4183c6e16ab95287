/**
 * @file A job that is to be stopped while no worker has it: its last checkpoint holds the weights that a
 * stop at its step would have left, so they are the result.
 *
 * The file is shared with the checkpoint. Losses of later steps are of weights that nobody has any more,
 * and go. There is no evaluation: that takes a worker.
 */
import { endEventData, statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'

const succeedFromCheckpointSql = `
WITH latest AS (
  SELECT * FROM checkpoints WHERE job_id = $1 AND fence > 0 ORDER BY step DESC LIMIT 1
), job AS (
  UPDATE jobs SET
    status = 'succeeded', intent = 'stop',
    status_reason = jsonb_build_object('code', 'stopped_early', 'message',
      'Stopped by request; the weights are those of step ' || latest.step || ' of '
        || (progress ->> 'steps') || '.'),
    transitions = ${withTransition("'succeeded'")},
    event_seq = event_seq + 2, ended_at = clock_timestamp(),
    progress = progress || jsonb_build_object(
      'step', latest.step, 'epoch', latest.epoch, 'eta_seconds', NULL),
    metrics = (
      SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM (
        SELECT DISTINCT ON (name) name, value FROM losses
        WHERE job_id = $1 AND step <= latest.step ORDER BY name, step DESC
      ) values_then)
  FROM latest
  WHERE jobs.id = $1 AND jobs.status IN ('queued', 'paused') AND (jobs.intent = 'stop' OR $2)
  RETURNING jobs.*, latest.step, latest.blob_id, latest.bytes, latest.sha256, latest.preprocessing
), later AS (
  DELETE FROM losses USING job WHERE losses.job_id = job.id AND losses.step > job.step
), result AS (
  INSERT INTO weights (job_id, blob_id, bytes, sha256, preprocessing)
  SELECT id, blob_id, bytes, sha256, preprocessing FROM job
), status_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq - 1, 'status', ${statusEventData} FROM job
), end_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'end', ${endEventData} FROM job
)
SELECT 1 FROM job`

/**
 * Of a job that rests and has been asked to stop: a pause that came first has not taken that back. False:
 * it was not asked, or there is no checkpoint.
 */
export async function succeedFromCheckpoint(
  db: Queryable,
  jobId: string,
  { isAsked = false } = {},
): Promise<boolean> {
  const { rowCount } = await db.query(succeedFromCheckpointSql, [jobId, isAsked])
  return rowCount === 1
}
