/**
 * @file The losses and events of finished jobs go after so many days, together: a loss event without its
 * points would say that there were none. What was asked, what came of it and the last values stay on the
 * job's row; the last event stays too, and says when the others went.
 *
 * A job's history goes whole or not at all, in one transaction, so nobody reads half of it.
 */
import { utcNow } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import { type Collected, type CountedRow, collectedOf } from './collected.ts'
import { isCollectableEvent, jobsWithHistory } from './due.ts'

/** One transaction removes so many rows, 0.1 s of work, or the history of one job where it is longer. */
const rowsAtOnce = 20_000
const jobsAtOnce = 50

/** Losses are counted, not estimated: a number of steps says little about how many were reported. */
const firstJobsSql = `
WITH oldest AS (
  SELECT * FROM (${jobsWithHistory('$1')}) AS due ORDER BY ended_at, id LIMIT $2
), sized AS (
  SELECT id, row_number() OVER before AS place,
    sum(event_seq + (SELECT count(*) FROM losses WHERE job_id = oldest.id)) OVER before AS rows
  FROM oldest WINDOW before AS (ORDER BY ended_at, id)
)
SELECT id FROM sized WHERE rows <= $3 OR place = 1`

/** To be run in a transaction, as a batch: what is left is for the next one. */
export async function collectHistory(transaction: Queryable, days: number): Promise<Collected[]> {
  const first = await transaction.query<{ id: string }>(firstJobsSql, [
    days,
    jobsAtOnce,
    rowsAtOnce,
  ])
  // One that is just being deleted, or whose checkpoints are, is left for the next pass.
  const held = await transaction.query<{ id: string }>(
    `SELECT id FROM jobs WHERE id = ANY($1::text[]) AND history_collected_at IS NULL
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
    [first.rows.map(({ id }) => id)],
  )
  const jobIds = held.rows.map(({ id }) => id)
  if (jobIds.length === 0) return []
  const losses = await remove(transaction, 'losses', 'true', jobIds)
  const events = await remove(transaction, 'events', isCollectableEvent, jobIds)
  await transaction.query(
    `UPDATE events SET data = data || jsonb_build_object('collected_at', ${utcNow})
    WHERE job_id = ANY($1::text[])`,
    [jobIds],
  )
  await transaction.query(
    'UPDATE jobs SET history_collected_at = now() WHERE id = ANY($1::text[])',
    [jobIds],
  )
  return [...losses, ...events]
}

async function remove(
  transaction: Queryable,
  kind: 'losses' | 'events',
  which: string,
  jobIds: readonly string[],
): Promise<Collected[]> {
  const { rows } = await transaction.query<CountedRow>(
    `WITH gone AS (
      DELETE FROM ${kind} WHERE job_id = ANY($1::text[]) AND ${which}
      RETURNING job_id, pg_column_size(${kind}.*) AS bytes
    )
    SELECT project_id, count(*) AS rows, sum(bytes) AS bytes
    FROM gone JOIN jobs ON jobs.id = job_id GROUP BY project_id`,
    [jobIds],
  )
  return collectedOf(kind, rows)
}
