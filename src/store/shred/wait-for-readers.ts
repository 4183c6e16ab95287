/**
 * @file Deleted rows that an open transaction may still read are kept by every rewrite of a table. So
 * whoever wants them gone waits until all have ended that began before.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Queryable } from '../transaction.ts'

export interface OldReader {
  readonly pid: number
  readonly application: string
  readonly openSeconds: number
}

const pollMs = 200

const oldReadersSql = `
SELECT pid, application_name AS application,
  extract(epoch FROM clock_timestamp() - xact_start)::int AS "openSeconds"
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND greatest(age(backend_xmin), age(backend_xid)) > age($1::text::xid8::xid)
ORDER BY xact_start`

/** Returns those that were open then and are still open after `withinMs`: none, as a rule. */
export async function waitForReaders(db: Queryable, withinMs: number): Promise<OldReader[]> {
  const now = await db.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid')
  const [{ xid }] = now.rows
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const { rows } = await db.query<OldReader>(oldReadersSql, [xid])
    if (rows.length === 0 || performance.now() > deadlineMs) return rows
    await sleep(pollMs)
  }
}
