/**
 * @file The write-ahead log holds all that was written lately, also what was deleted since. A checkpoint
 * removes its old segments or keeps them, as they are, to be written over one day; here that is done
 * at once. Ending a segment early fills the rest of it with zeros.
 */
import type { Queryable } from '../transaction.ts'
import { type KeptLog, readKeptLog } from './kept-log.ts'

export interface OverwrittenLog {
  /** Segments that were written over. */
  readonly segments: number
  /** What may still hold what was deleted. */
  readonly kept: KeptLog
}

/** The segments that lie ahead hold what they held before they were kept. */
const segmentsAheadSql = `
SELECT count(*)::int AS count FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_insert_lsn())`

/**
 * Not to be run in a transaction.
 * Errors: Postgres's 42501 where this role may not.
 */
export async function overwriteLog(db: Queryable): Promise<OverwrittenLog> {
  await endSegment(db)
  await db.query('CHECKPOINT')
  const { rows } = await db.query<{ count: number }>(segmentsAheadSql)
  const [{ count }] = rows
  for (let left = count; left >= 0; left--) await endSegment(db)
  await db.query('CHECKPOINT')
  return { segments: count, kept: await readKeptLog(db) }
}

/** A segment with nothing in it is not ended, so something is written into it first. */
async function endSegment(db: Queryable): Promise<void> {
  await db.query(`SELECT pg_logical_emit_message(false, 'trainyard', 'shred')`)
  await db.query('SELECT pg_switch_wal()')
}
