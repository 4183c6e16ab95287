/**
 * @file `trainyard restore`: a backup into a database with the same schema, in one transaction. All of it
 * is there at the end, every blob compared with its SHA-256, or the database is as it was.
 */
import { pipeline } from 'node:stream/promises'

import type { LiveLease } from '../../store/backup/fences.ts'
import { openReplacement, type Replacement } from '../../store/backup/replacement.ts'
import type { AppliedMigration } from '../../store/backup/schema-version.ts'
import type { Table } from '../../store/tables.ts'
import { AdminError, reasonOf } from '../errors.ts'
import { type Archive, openArchive } from './archive-reader.ts'

export interface RestoreOptions {
  /** Brings the database to the schema of this program. Called once the file is known to be whole. */
  readonly openDatabase: () => Promise<string>
  readonly path: string
  /** Removes whatever the database holds, in the same transaction, unless somebody is at work on it. */
  readonly replace: boolean
  readonly signal: AbortSignal
}

export interface RestoreReport {
  readonly createdAt: string
  readonly tables: number
  readonly rows: number
}

export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const archive = await openArchive(options.path)
  try {
    const databaseUrl = await options.openDatabase()
    return await orSayWhy(options.path, () => fill(archive, databaseUrl, options))
  } finally {
    await archive.close()
  }
}

async function fill(archive: Archive, databaseUrl: string, options: RestoreOptions) {
  const { header, end } = archive
  const database = await openReplacement(databaseUrl)
  try {
    checkSchema(archive, database.migrations, options.path)
    await makeRoom(database, options)
    for (const [at, table] of tablesOf(archive, database, options.path).entries()) {
      await fillTable(archive, database, table, end.tables[at].rows, options)
    }
    await database.setSequences(end.sequences)
    await database.raiseFences()
    await checkBlobs(database, options.path)
    options.signal.throwIfAborted()
    await database.commit()
  } finally {
    await database.close()
  }
  const rows = end.tables.reduce((sum, table) => sum + table.rows, 0)
  return { createdAt: header.created_at, tables: end.tables.length, rows }
}

/** Whatever it was, the transaction was rolled back: that is what the reader wants to know first. */
async function orSayWhy<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AdminError) throw error
    if (error instanceof Error && error.name === 'AbortError') throw error
    throw new AdminError(
      `${path} was not restored, and the database is as it was: ${reasonOf(error)}.`,
      { cause: error },
    )
  }
}

function checkSchema(
  { header, end }: Archive,
  own: readonly AppliedMigration[],
  path: string,
): void {
  const text = (migrations: readonly AppliedMigration[]) =>
    migrations.map(({ name, checksum }) => `${name} ${checksum}`).join('\n')
  if (text(header.migrations) !== text(own)) {
    const last = (migrations: readonly AppliedMigration[]) => migrations.at(-1)?.name ?? 'none'
    throw new AdminError(
      `${path} has another version of the schema: its last migration is ${last(header.migrations)} ` +
        `(of ${header.migrations.length}), that of this database ${last(own)} (of ${own.length}). ` +
        `Restore it with Trainyard ${header.trainyard_version}, which wrote it; newer versions then ` +
        'bring the database up to date when they start. Nothing was changed.',
    )
  }
  const names = (tables: readonly { name: string }[]) => tables.map(({ name }) => name).join(', ')
  if (names(header.tables) !== names(end.tables)) {
    throw new AdminError(
      `The backup ${path} is damaged: it begins with the tables ${names(header.tables)} and ends ` +
        `with ${names(end.tables)}. Copy it again, or use another.`,
    )
  }
}

async function makeRoom(database: Replacement, { replace }: RestoreOptions): Promise<void> {
  const filled = await database.filledTables()
  if (filled.length === 0) return
  if (replace) {
    checkLeases(await database.liveLeases())
    return database.clear()
  }
  throw new AdminError(
    `This database is not empty: there are rows in ${filled.join(', ')}. A backup is restored into an ` +
      'empty one: set TRAINYARD_DATA to a new folder, or DATABASE_URL to a new database. Or add ' +
      '--force, which REMOVES everything that this one holds now. Nothing was changed.',
  )
}

/** Whoever is at work would go on, and write into what was restored. */
function checkLeases(leases: readonly LiveLease[]): void {
  if (leases.length === 0) return
  const list = leases.map(({ worker, jobs, seconds }) => `  ${worker}: ${jobs}, for ${seconds} s`)
  throw new AdminError(
    `Workers are at work on jobs of this database:\n${list.join('\n')}\n` +
      'Stop them first (SIGTERM: they give their jobs back), or wait until the leases have ended where ' +
      'they are gone already. Nothing was changed.',
  )
}

/**
 * In the file's order, with the columns in the order in which they lie there. Only names that the
 * database's own catalogue has get into a statement.
 */
function tablesOf({ header }: Archive, database: Replacement, path: string): readonly Table[] {
  const text = (tables: readonly Table[]) =>
    tables
      .map(({ name, columns }) => `${name} (${[...columns].sort().join(', ')})`)
      .sort()
      .join(', ')
  const [found, expected] = [text(header.tables), text(database.tables)]
  if (found === expected) return header.tables
  throw new AdminError(
    `The backup ${path} has other tables than its version of the schema: ${found}. ` +
      `Expected ${expected}. Nothing was changed.`,
  )
}

async function fillTable(
  archive: Archive,
  database: Replacement,
  table: Table,
  rows: number,
  { path, signal }: RestoreOptions,
): Promise<void> {
  const target = database.write(table)
  await pipeline(archive.read(table.name), target, { signal })
  if (target.rowCount === rows) return
  throw new AdminError(
    `The backup ${path} says of table ${table.name} that it has ${rows} rows, and it has ` +
      `${target.rowCount}. Nothing was restored.`,
  )
}

async function checkBlobs(database: Replacement, path: string): Promise<void> {
  const damaged = await database.findDamagedBlobs()
  if (damaged.length === 0) return
  const list = damaged
    .slice(0, 10)
    .map(
      ({ id, expected, found }) =>
        `  ${id}: expected ${expected.bytes} bytes with SHA-256 ${expected.sha256}, ` +
        `got ${found.bytes} with ${found.sha256}`,
    )
  throw new AdminError(
    `${path} was not restored: ${damaged.length} of its blobs are not what was stored, and were so ` +
      `when it was written:\n${list.join('\n')}\nThe database is as it was. Use an older backup.`,
  )
}
