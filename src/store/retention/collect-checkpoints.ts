/**
 * @file Checkpoints go: those of finished jobs after so many days, and those that a job left to others
 * when it started over, once no unfinished job starts from them.
 *
 * Nobody waits for the collector, nor it for anybody: what another transaction holds is left for the
 * next pass. Locks are taken in the order of everyone else: the job, then its checkpoints.
 */
import { isInUse } from '../checkpoints/checkpoint-uses.ts'
import type { Queryable } from '../transaction.ts'
import { type Collected, type CountedRow, collectedOf } from './collected.ts'
import { checkpointsLeftOver, checkpointsPastPolicy } from './due.ts'

/** One transaction removes so many bytes, 0.1 to 0.3 s of work, or one checkpoint where it is larger. */
const bytesAtOnce = 64 * 1024 * 1024
const checkpointsAtOnce = 100

interface Candidate {
  readonly id: string
  readonly job_id: string
}

interface Removed {
  readonly job_id: string
  readonly blob_id: string
  readonly rest_blob_id: string
}

/** To be run in a transaction, as a batch: what is left is for the next one. */
export async function collectCheckpointsPastPolicy(
  transaction: Queryable,
  days: number,
): Promise<Collected[]> {
  const candidates = await firstOf(transaction, checkpointsPastPolicy('$3'), [days])
  if (candidates.length === 0) return []
  const jobs = await transaction.query<{ id: string }>(
    `SELECT id FROM jobs WHERE id = ANY($1::text[])
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
    [candidates.map(({ job_id }) => job_id)],
  )
  const held = new Set(jobs.rows.map(({ id }) => id))
  const removed = await removeUnused(
    transaction,
    candidates.filter(({ job_id }) => held.has(job_id)),
  )
  await transaction.query(
    'UPDATE jobs SET checkpoints_collected_at = now() WHERE id = ANY($1::text[])',
    [removed.map(({ job_id }) => job_id)],
  )
  return removeBlobs(transaction, removed)
}

/** The same, of those that were left over: their jobs may run, and are not touched. */
export async function collectCheckpointsLeftOver(transaction: Queryable): Promise<Collected[]> {
  const candidates = await firstOf(transaction, checkpointsLeftOver, [])
  return removeBlobs(transaction, await removeUnused(transaction, candidates))
}

/** The oldest, up to the limits of a transaction. */
async function firstOf(
  transaction: Queryable,
  due: string,
  parameters: readonly unknown[],
): Promise<readonly Candidate[]> {
  const { rows } = await transaction.query<Candidate>(
    `WITH oldest AS (
      SELECT * FROM (${due}) AS due ORDER BY created_at, id LIMIT $1
    ), sized AS (
      SELECT oldest.id, job_id, row_number() OVER before AS place,
        sum(oldest.bytes + rest.bytes) OVER before AS bytes
      FROM oldest JOIN blobs rest ON rest.id = rest_blob_id
      WINDOW before AS (ORDER BY oldest.created_at, oldest.id)
    )
    SELECT id, job_id FROM sized WHERE bytes <= $2 OR place = 1`,
    [checkpointsAtOnce, bytesAtOnce, ...parameters],
  )
  return rows
}

/**
 * A job that is just being made to start from one holds it, so it is not locked here; one that was made
 * before is seen by the second statement. A job that comes later finds the checkpoint gone.
 */
async function removeUnused(
  transaction: Queryable,
  candidates: readonly Candidate[],
): Promise<readonly Removed[]> {
  if (candidates.length === 0) return []
  const locked = await transaction.query<{ id: string }>(
    `SELECT id FROM checkpoints WHERE id = ANY($1::text[])
    ORDER BY id FOR UPDATE SKIP LOCKED`,
    [candidates.map(({ id }) => id)],
  )
  const { rows } = await transaction.query<Removed>(
    `DELETE FROM checkpoints WHERE id = ANY($1::text[]) AND NOT ${isInUse}
    RETURNING job_id, blob_id, rest_blob_id`,
    [locked.rows.map(({ id }) => id)],
  )
  return rows
}

/**
 * After the rows that name them. A job that ended with the weights of its checkpoint shares their file
 * (jobs/succeed-from-checkpoint.ts): that is its result, and stays.
 */
async function removeBlobs(
  transaction: Queryable,
  removed: readonly Removed[],
): Promise<Collected[]> {
  if (removed.length === 0) return []
  const { rows } = await transaction.query<CountedRow>(
    `WITH gone AS (
      DELETE FROM blobs WHERE id = ANY($1::text[])
        AND NOT EXISTS (SELECT 1 FROM weights WHERE weights.blob_id = blobs.id)
      RETURNING project_id, bytes
    ), freed AS (
      SELECT project_id, sum(bytes) AS bytes FROM gone GROUP BY project_id
    ), counted AS (
      SELECT project_id, count(*) AS rows FROM unnest($2::text[]) AS removed (job_id)
        JOIN jobs ON jobs.id = job_id GROUP BY project_id
    )
    SELECT project_id, rows, coalesce(bytes, 0) AS bytes
    FROM counted LEFT JOIN freed USING (project_id)`,
    [
      removed.flatMap(({ blob_id, rest_blob_id }) => [blob_id, rest_blob_id]),
      removed.map(({ job_id }) => job_id),
    ],
  )
  return collectedOf('checkpoints', rows)
}
