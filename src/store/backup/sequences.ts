/** @file Where the counters of the schema stand: rows alone do not say which number comes next. */

import { quoted } from '../tables.ts'
import type { Queryable } from '../transaction.ts'

export interface Sequence {
  readonly name: string
  /** As text: it may be larger than a number can say. null: none was given out yet. */
  readonly lastValue: string | null
}

/** Not as of a transaction's snapshot, but never less: a number may be left out, none comes twice. */
export async function readSequences(db: Queryable): Promise<Sequence[]> {
  const { rows } = await db.query<Sequence>(
    `SELECT sequencename AS name, last_value::text AS "lastValue" FROM pg_sequences
    WHERE schemaname = current_schema() ORDER BY sequencename`,
  )
  return rows
}

export async function setSequence(db: Queryable, { name, lastValue }: Sequence): Promise<void> {
  if (lastValue === null) return
  await db.query('SELECT setval($1::regclass, $2::bigint)', [quoted(name), lastValue])
}
