/**
 * @file What a checkpoint left of the write-ahead log behind it. Postgres removes or reuses those segments
 * unless somebody may still want them, and nothing but Postgres may write into them: so they are named.
 */
import type { Queryable } from '../transaction.ts'

export interface KeptLog {
  readonly segments: number
  readonly bytes: number
  /** Who keeps them, as far as Postgres says. */
  readonly reasons: readonly string[]
}

const behindSql = `
SELECT count(*)::int AS segments, coalesce(sum(size), 0)::float8 AS bytes,
  array_remove(ARRAY[
    CASE WHEN current_setting('wal_keep_size') <> '0' THEN 'wal_keep_size is ' || current_setting('wal_keep_size') END,
    (SELECT 'replication slots want them: ' || string_agg(
        slot_name || CASE WHEN active THEN '' ELSE ' (nobody reads it)' END, ', ' ORDER BY slot_name)
      FROM pg_replication_slots WHERE restart_lsn < redo_lsn),
    CASE WHEN current_setting('archive_mode') <> 'off' THEN 'they may have to be archived first (archive_mode)' END,
    CASE WHEN current_setting('summarize_wal', true) = 'on' THEN 'they may have to be summarized first (summarize_wal)' END
  ], NULL) AS reasons
FROM pg_ls_waldir(), pg_control_checkpoint()
WHERE name ~ '^[0-9A-F]{24}(\\.partial)?$' AND name < redo_wal_file
GROUP BY redo_lsn`

/** To be asked after a checkpoint. Errors: Postgres's 42501 where this role may not. */
export async function readKeptLog(db: Queryable): Promise<KeptLog> {
  const { rows } = await db.query<KeptLog>(behindSql)
  return rows[0] ?? { segments: 0, bytes: 0, reasons: [] }
}
