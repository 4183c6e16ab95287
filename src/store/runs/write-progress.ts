/**
 * @file Losses of a run, written in batches: the points, the event that announces them, the job's
 * progress and latest metrics, in one fenced statement.
 *
 * The UPDATE both checks the fence and locks the row, so nothing is written under an old fence: a
 * check without a lock could commit after a newer claim. A point that an earlier run has written is
 * left as it is; it has the same bits.
 */
import type { Metrics, Progress } from '../../contract/jobs.ts'
import type { RawPoint } from '../../contract/losses.ts'
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'

const writeProgressSql = `
WITH job AS (
  UPDATE jobs SET
    event_seq = event_seq + 1, progress = $3::jsonb, metrics = metrics || $4::jsonb
  WHERE id = $1 AND fence = $2 AND status = 'running'
  RETURNING id, event_seq
), points AS (
  INSERT INTO losses (job_id, name, step, value, seq)
  SELECT job.id, p.name, p.step, p.value, job.event_seq
  FROM job, unnest($5::text[], $6::int[], $7::float8[]) AS p (name, step, value)
  ON CONFLICT DO NOTHING
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'loss', jsonb_build_object('progress', $3::jsonb) FROM job
)
SELECT event_seq AS seq FROM job`

export interface RunProgress {
  readonly progress: Progress
  readonly points: readonly RawPoint[]
}

/** Returns false when the claim was lost: nothing was written then. */
export async function writeProgress(
  db: Queryable,
  { jobId, fence }: Claim,
  { progress, points }: RunProgress,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'write-progress',
    text: writeProgressSql,
    values: [
      jobId,
      fence,
      JSON.stringify(progress),
      JSON.stringify(latestMetrics(points)),
      points.map(({ name }) => name),
      points.map(({ step }) => step),
      points.map(({ value }) => value),
    ],
  })
  return rowCount === 1
}

/** The last value of each name; JSON has no NaN, so a value that is not finite is null. */
export function latestMetrics(points: readonly RawPoint[]): Metrics {
  return Object.fromEntries(
    points.map(({ name, value }) => [name, Number.isFinite(value) ? value : null]),
  )
}
