/**
 * @file Filling a whole database in one transaction: it is as before until `commit`, whatever goes
 * wrong. Foreign keys and constraints are checked as for any row.
 */
import type { Writable } from 'node:stream'

import { from as copyFrom } from 'pg-copy-streams'

import { connectAdminClient } from '../admin-client.ts'
import { quoted, quotedColumns, readTables, type Table } from '../tables.ts'
import { type DamagedBlob, findDamagedBlobs } from './damaged-blobs.ts'
import { type LiveLease, raiseFences, readHighestFence, readLiveLeases } from './fences.ts'
import { type AppliedMigration, readSchemaVersion } from './schema-version.ts'
import { type Sequence, setSequence } from './sequences.ts'

export interface Replacement {
  readonly migrations: readonly AppliedMigration[]
  readonly tables: readonly Table[]
  /** Names of the tables that have rows already. */
  filledTables(): Promise<string[]>
  /** Of the rows that are there. */
  liveLeases(): Promise<LiveLease[]>
  /** Every row of every table goes. */
  clear(): Promise<void>
  /** One at a time; `rowCount` is known once it has finished. */
  write(table: Table): Writable & { readonly rowCount: number }
  setSequences(sequences: readonly Sequence[]): Promise<void>
  /** Above all that the rows had which were cleared; to be called when all are filled. */
  raiseFences(): Promise<void>
  findDamagedBlobs(): Promise<DamagedBlob[]>
  commit(): Promise<void>
  /** Rolls back what was not committed. */
  close(): Promise<void>
}

/** An upload may hold its rows for as long as its client takes; a person who waits wants to know. */
const lockWithinMs = 30_000

/**
 * Others wait until it is committed or closed: they see the rows from before, or all of the new ones.
 * Errors: Postgres's 55P03 where somebody else uses a table for longer than 30 s.
 */
export async function openReplacement(connectionString: string): Promise<Replacement> {
  const client = await connectAdminClient(connectionString)
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL lock_timeout = ${lockWithinMs}`)
    const tables = await readTables(client)
    const names = tables.map(({ name }) => quoted(name)).join(', ')
    if (tables.length > 0) await client.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`)
    let highestFence = 0
    return {
      migrations: await readSchemaVersion(client),
      tables,
      async filledTables() {
        const filled: string[] = []
        for (const { name } of tables) {
          const { rowCount } = await client.query(`SELECT 1 FROM ${quoted(name)} LIMIT 1`)
          if (rowCount) filled.push(name)
        }
        return filled
      },
      liveLeases: () => readLiveLeases(client),
      async clear() {
        highestFence = await readHighestFence(client)
        await client.query(`TRUNCATE ${names} RESTART IDENTITY`)
      },
      write: (table) =>
        client.query(
          copyFrom(
            `COPY ${quoted(table.name)} (${quotedColumns(table)}) FROM STDIN (FORMAT binary)`,
          ),
        ),
      async setSequences(sequences) {
        for (const sequence of sequences) await setSequence(client, sequence)
      },
      async raiseFences() {
        if (highestFence > 0) await raiseFences(client, highestFence + 1)
      },
      findDamagedBlobs: () => findDamagedBlobs(client),
      async commit() {
        await client.query('COMMIT')
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}
