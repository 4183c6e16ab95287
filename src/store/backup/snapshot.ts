/**
 * @file The whole database as of one moment, to be read while others go on writing: one transaction
 * on one connection, hence one snapshot for all tables.
 *
 * Rows come as COPY's binary form: a byte of a blob is a byte, and every float keeps its bits.
 */
import type { Readable } from 'node:stream'

import { to as copyTo } from 'pg-copy-streams'

import { connectAdminClient } from '../admin-client.ts'
import { quoted, quotedColumns, readTables, type Table } from '../tables.ts'
import { type AppliedMigration, readSchemaVersion } from './schema-version.ts'
import { readSequences, type Sequence } from './sequences.ts'

export interface Snapshot {
  readonly postgresVersion: string
  readonly migrations: readonly AppliedMigration[]
  /** In dependency order. */
  readonly tables: readonly Table[]
  readonly sequences: readonly Sequence[]
  /** One at a time; `rowCount` is known once it has ended. */
  read(table: Table): Readable & { readonly rowCount: number }
  close(): Promise<void>
}

export async function openSnapshot(connectionString: string): Promise<Snapshot> {
  const client = await connectAdminClient(connectionString)
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const migrations = await readSchemaVersion(client)
    const tables = await readTables(client)
    // No migration may change a table before its turn has come.
    const names = tables.map(({ name }) => quoted(name)).join(', ')
    if (tables.length > 0) await client.query(`LOCK TABLE ${names} IN ACCESS SHARE MODE`)
    const sequences = await readSequences(client)
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return {
      postgresVersion: rows[0].server_version,
      migrations,
      tables,
      sequences,
      read: (table) =>
        client.query(
          copyTo(`COPY ${quoted(table.name)} (${quotedColumns(table)}) TO STDOUT (FORMAT binary)`),
        ),
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}
