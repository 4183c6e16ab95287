/**
 * @file Reading the loss series of a job, thinned where it is long.
 *
 * Postgres does the thinning: a hundred thousand points would keep an event loop busy. A series is
 * cut into parts of as many points each; the lowest and the highest of each part stay, and the first
 * and last of all, so no spike is lost.
 */
import type { RawPoint } from '../contract/losses.ts'
import type { Queryable } from './transaction.ts'

export interface LossFilter {
  readonly names?: readonly string[] | undefined
  readonly fromStep?: number | undefined
  readonly toStep?: number | undefined
  /** Of each series. At least 2. */
  readonly maxPoints: number
}

export interface LossSeriesRows {
  readonly name: string
  readonly totalPoints: number
  readonly points: readonly RawPoint[]
}

const readLossesSql = `
WITH numbered AS (
  SELECT name, step, value,
    row_number() OVER (PARTITION BY name ORDER BY step) AS place,
    count(*) OVER (PARTITION BY name) AS total
  FROM losses
  WHERE job_id = $1 AND ($2::text[] IS NULL OR name = ANY($2))
    AND step >= coalesce($3::bigint, 0) AND ($4::bigint IS NULL OR step <= $4)
), parts AS (
  SELECT *, (place - 1) * (($5 - 2) / 2) / total AS part FROM numbered
), ranked AS (
  SELECT *,
    row_number() OVER (PARTITION BY name, part ORDER BY value, step) AS from_lowest,
    row_number() OVER (PARTITION BY name, part ORDER BY value DESC, step) AS from_highest
  FROM parts
)
SELECT name, step, value, total::int FROM ranked
WHERE total <= $5 OR place = 1 OR place = total
  OR ($5 >= 4 AND (from_lowest = 1 OR from_highest = 1))
ORDER BY name, step`

interface PointRow extends RawPoint {
  readonly total: number
}

/** By name, then by step. The caller has seen that the job is the project's. */
export async function readLosses(
  db: Queryable,
  jobId: string,
  { names, fromStep, toStep, maxPoints }: LossFilter,
): Promise<LossSeriesRows[]> {
  const { rows } = await db.query<PointRow>(readLossesSql, [
    jobId,
    names ?? null,
    fromStep ?? null,
    toStep ?? null,
    maxPoints,
  ])
  const byName = new Map<string, { totalPoints: number; points: RawPoint[] }>()
  for (const { total, ...point } of rows) {
    const series = byName.get(point.name) ?? { totalPoints: total, points: [] }
    series.points.push(point)
    byName.set(point.name, series)
  }
  return [...byName].map(([name, series]) => ({ name, ...series }))
}
