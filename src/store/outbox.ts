/**
 * @file The outbox: messages that the queue has still to get.
 *
 * They are written with the job, and their deletion commits once the queue has them, so a crash
 * between the two sends a message twice and never loses one. Twice is harmless: a message that finds nothing to
 * claim is done.
 */
import type pg from 'pg'

import type { Limits } from '../contract/tenancy.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { inScopedTransaction, type Queryable } from './transaction.ts'

/** Hands up to `limit` messages to `send`; returns how many. Several relays share the work. */
export function drainOutbox(
  pool: pg.Pool,
  limit: number,
  send: (count: number) => Promise<void>,
): Promise<number> {
  const scopeOf = (count: number) => (count > 0 ? 'relay' : null)
  return inScopedTransaction(pool, scopeOf, async (transaction) => {
    const { rowCount } = await transaction.query({
      name: 'drain-outbox',
      text: `DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)`,
      values: [limit],
    })
    const count = rowCount ?? 0
    if (count > 0) {
      crashPoint('relay.taken')
      await send(count) // rolled back when the queue does not take them
      crashPoint('relay.sent')
    }
    return count
  })
}

/**
 * Jobs that a worker could claim now, but for those whose message is still in the outbox. What a project
 * may not run at this moment needs no message: whoever ends one of its jobs sends it. Nor does a job that
 * no worker has the memory for: a worker that has met it keeps a message until there is room. A worker that
 * has not been seen for 10 s does not count; where none has, nothing is known, and every job counts.
 */
const countClaimableSql = `
WITH room AS (
  SELECT max(free_bytes) AS bytes FROM workers
  WHERE seen_at > clock_timestamp() - interval '10 seconds'
), queued AS (
  SELECT project_id, count(*) AS jobs FROM jobs
  WHERE status = 'queued' AND plan_bytes <= coalesce((SELECT bytes FROM room), plan_bytes)
  GROUP BY project_id
), running AS (
  SELECT project_id, count(*) AS jobs, sum(plan_threads) AS threads
  FROM jobs WHERE status = 'running' GROUP BY project_id
)
SELECT (
  coalesce(sum(greatest(0, least(
    queued.jobs,
    coalesce((limits ->> 'jobs_running')::int, $1) - coalesce(running.jobs, 0),
    coalesce((limits ->> 'threads')::int, $2) - coalesce(running.threads, 0)))), 0)
  - (SELECT count(*) FROM outbox)
)::int AS jobs, (SELECT coalesce(sum(due_at::numeric), 0)::text FROM turns) AS turns
FROM queued JOIN projects ON projects.id = project_id LEFT JOIN running USING (project_id)`

export interface Claimable {
  readonly jobs: number
  /** The clock of the round (runs/round.ts): it reads otherwise once anything was claimed. */
  readonly turns: string
}

/** `limits` are those of a project that has none of its own. */
export async function countClaimable(
  db: Queryable,
  limits: Pick<Limits, 'jobs_running' | 'threads'>,
): Promise<Claimable> {
  const { rows } = await db.query<Claimable>(countClaimableSql, [
    limits.jobs_running,
    limits.threads,
  ])
  const [{ jobs, turns }] = rows
  return { jobs: Math.max(0, jobs), turns }
}
