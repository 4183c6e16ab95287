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
 * may not run at this moment needs no message: whoever ends one of its jobs sends it.
 */
const countClaimableSql = `
WITH queued AS (
  SELECT project_id, count(*) AS jobs FROM jobs WHERE status = 'queued' GROUP BY project_id
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
)::int AS n
FROM queued JOIN projects ON projects.id = project_id LEFT JOIN running USING (project_id)`

/** `limits` are those of a project that has none of its own. */
export async function countClaimable(
  db: Queryable,
  limits: Pick<Limits, 'jobs_running' | 'threads'>,
): Promise<number> {
  const { rows } = await db.query<{ n: number }>(countClaimableSql, [
    limits.jobs_running,
    limits.threads,
  ])
  return Math.max(0, rows[0]?.n ?? 0)
}
