/** @file Keeping what was claimed, and hearing what clients ask of it. */
import type { Intent } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'

export interface HeldClaim {
  readonly jobId: string
  readonly intent: Intent
}

const stillHeld = `
  (jobs.id, jobs.fence) IN (SELECT * FROM unnest($1::text[], $2::int[])) AND status = 'running'`

/**
 * Extends the leases. A claim that does not come back was lost: its run must stop and write nothing.
 * Locks the rows in the order of their ids, as finish-runs.ts does.
 */
export async function renewLeases(
  db: Queryable,
  claims: readonly Claim[],
  leaseSeconds: number,
): Promise<HeldClaim[]> {
  const { rows } = await db.query<HeldClaim>(
    `WITH held AS (
      SELECT id, fence FROM jobs WHERE ${stillHeld} ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE jobs SET lease_expires_at = clock_timestamp() + make_interval(secs => $3)
    FROM held WHERE jobs.id = held.id AND jobs.fence = held.fence AND status = 'running'
    RETURNING jobs.id AS "jobId", intent`,
    [claims.map(({ jobId }) => jobId), claims.map(({ fence }) => fence), leaseSeconds],
  )
  return rows
}

/** The intents alone: cheap enough to be asked for several times a second. */
export async function readIntents(db: Queryable, claims: readonly Claim[]): Promise<HeldClaim[]> {
  const { rows } = await db.query<HeldClaim>(
    `SELECT id AS "jobId", intent FROM jobs WHERE ${stillHeld}`,
    [claims.map(({ jobId }) => jobId), claims.map(({ fence }) => fence)],
  )
  return rows
}
