/** @file Reading the loss series of a job. */
import type { RawPoint } from '../contract/losses.ts'
import type { Queryable } from './transaction.ts'

export interface LossFilter {
  readonly names?: readonly string[] | undefined
  readonly fromStep?: number | undefined
  readonly toStep?: number | undefined
}

/** By name, then by step. The caller has seen that the job is the project's. */
export async function readLosses(
  db: Queryable,
  jobId: string,
  { names, fromStep, toStep }: LossFilter,
): Promise<RawPoint[]> {
  const { rows } = await db.query<RawPoint>(
    `SELECT name, step, value FROM losses
    WHERE job_id = $1 AND ($2::text[] IS NULL OR name = ANY($2))
      AND step >= coalesce($3::bigint, 0) AND ($4::bigint IS NULL OR step <= $4)
    ORDER BY name, step`,
    [jobId, names ?? null, fromStep ?? null, toStep ?? null],
  )
  return rows
}
