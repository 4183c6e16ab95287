/**
 * @file Writes every table into new files with nothing but its rows; the old files, where deleted rows
 * still lie, are removed at the next checkpoint. Values also lie in the statistics that the planner
 * keeps of a table, so those go too, and are made anew.
 */
import { quoted, readTables } from '../tables.ts'
import type { Queryable } from '../transaction.ts'

export interface Rewritten {
  readonly tables: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Others wait for a table while it is written; each must become free within this time. */
const lockWithinMs = 60_000

/**
 * Not to be run in a transaction. Each table is rewritten whole, or stays as it is.
 * Errors: Postgres's 42501 where this role may not, 55P03 where a table is in use.
 */
export async function rewriteTables(db: Queryable): Promise<Rewritten> {
  await db.query(`SET lock_timeout = ${lockWithinMs}`)
  await forgetAnswers(db)
  const names = (await readTables(db)).map(({ name }) => quoted(name))
  const bytesBefore = await bytesOf(db, names)
  for (const name of names) await rewrite(db, name)
  // Of a table that has become empty ANALYZE leaves the old statistics, so they are deleted first.
  await db.query('DELETE FROM pg_statistic WHERE starelid = ANY($1::regclass[])', [names])
  await db.query(`ANALYZE ${names.join(', ')}`)
  await rewrite(db, 'pg_catalog.pg_statistic')
  return { tables: names.length, bytesBefore, bytesAfter: await bytesOf(db, names) }
}

/** What answers that are kept can be about: the `object` of each, and where it would be. */
const subjects = { dataset: 'datasets', job: 'jobs', project: 'projects', api_key: 'api_keys' }

/** Kept for requests that are sent twice; those about what is gone would show it once more. */
async function forgetAnswers(db: Queryable): Promise<void> {
  const isGone = Object.entries(subjects).map(
    ([object, table]) =>
      `(body->>'object' = '${object}' AND NOT EXISTS (SELECT 1 FROM ${table} WHERE id = body->>'id'))`,
  )
  await db.query(`DELETE FROM idempotency_keys WHERE ${isGone.join(' OR ')}`)
}

/** A role that may not gets a warning from VACUUM and no error: so what it did is looked at. */
async function rewrite(db: Queryable, name: string): Promise<void> {
  const fileOf = async () => {
    const { rows } = await db.query('SELECT pg_relation_filenode($1::regclass) AS file', [name])
    return rows[0].file
  }
  const before = await fileOf()
  await db.query(`VACUUM (FULL) ${name}`)
  if ((await fileOf()) !== before) return
  throw Object.assign(new Error(`permission denied to vacuum ${name}`), { code: '42501' })
}

async function bytesOf(db: Queryable, names: readonly string[]): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>(
    'SELECT sum(pg_total_relation_size(one)) AS bytes FROM unnest($1::regclass[]) one',
    [names],
  )
  return Number(rows[0].bytes)
}
