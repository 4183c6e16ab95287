/**
 * @file Deleted rows that somebody may still read are kept by every rewrite of a table: for an open
 * transaction, for one that was prepared and never ended, and for a replica behind its slot. So whoever
 * wants them gone waits until all have ended, or have come as far as now.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Queryable } from '../transaction.ts'

export interface OldReader {
  readonly kind: 'transaction' | 'prepared_transaction' | 'replication_slot'
  /** The process of a transaction; else its own name. */
  readonly name: string
  /** Whose it is. */
  readonly detail: string
  /** null where Postgres does not say. */
  readonly openSeconds: number | null
}

const pollMs = 200

/** A plain vacuum is no reader, though it has an xmin: other vacuums pass it over. */
const oldReadersSql = `
WITH began AS (SELECT age($1::text::xid8::xid) AS age)
SELECT 'transaction' AS kind, pid::text AS name,
  coalesce(nullif(application_name, ''), backend_type) AS detail,
  extract(epoch FROM clock_timestamp() - xact_start)::int AS "openSeconds"
FROM pg_stat_activity, began
WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid()
  AND NOT (query LIKE 'autovacuum: VACUUM %' AND query NOT LIKE 'autovacuum: VACUUM ANALYZE %')
  AND greatest(age(backend_xmin), age(backend_xid)) > began.age
UNION ALL
SELECT 'prepared_transaction', gid, owner,
  extract(epoch FROM clock_timestamp() - prepared)::int
FROM pg_prepared_xacts, began
WHERE database = current_database() AND age(transaction) > began.age
UNION ALL
SELECT 'replication_slot', slot_name, CASE WHEN active THEN 'in use' ELSE 'nobody reads it' END, NULL
FROM pg_replication_slots, began
WHERE greatest(age(xmin), age(catalog_xmin)) > began.age
ORDER BY "openSeconds" DESC`

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
