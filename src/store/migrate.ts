/**
 * @file Brings a database to the schema of this program, as `prisma migrate deploy` would, without the
 * Prisma CLI. Same lock, same table, same checksums: either may follow the other.
 *
 * Forward only, and one step at a time: a migration is applied in a transaction of its own with the
 * row that says so, hence a program that is killed leaves it applied or not begun.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import pg from 'pg'

export interface MigrateOptions {
  readonly connectionString: string
  /** prisma/migrations. */
  readonly folder: string
  readonly log: { info(fields: object, message: string): void }
}

/** A database that this program must not touch. The message says what to do, and needs no stack. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

interface MigrationRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
  readonly logs: string | null
}

/** The lock of Prisma's own engine, so that the CLI and this runner wait for each other. */
const prismaLock = 72_707_369

/** The names of the migrations that it applied. */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { connectionString, folder, log } = options
  const known = await readMigrations(folder)
  const client = new pg.Client({ connectionString, application_name: 'trainyard migrate' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [prismaLock]) // until this connection ends
    await client.query(createTable)
    const pending = pendingOf(known, await readRows(client))
    for (const migration of pending) {
      await apply(client, migration)
      log.info({ migration: migration.name }, 'migration applied')
    }
    return pending.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function readRows(client: pg.Client): Promise<MigrationRow[]> {
  const { rows } = await client.query<MigrationRow>(
    `SELECT migration_name, checksum, finished_at, logs
       FROM "_prisma_migrations"
      WHERE rolled_back_at IS NULL
      ORDER BY started_at`,
  )
  return rows
}

/** Refuses a history that is not a beginning of the known one. */
function pendingOf(known: Migration[], rows: MigrationRow[]): Migration[] {
  const byName = new Map(known.map((migration) => [migration.name, migration]))
  for (const { migration_name: name, checksum, finished_at: finishedAt, logs } of rows) {
    if (!finishedAt) {
      throw new MigrationError(
        `Migration ${name} was begun and did not finish${logs ? `: ${logs}` : '.'} ` +
          'Look at what it left in the database, mend that, then mark it with ' +
          `npm run prisma -- migrate resolve --rolled-back ${name} (or --applied), and start again.`,
      )
    }
    const migration = byName.get(name)
    if (!migration) {
      throw new MigrationError(
        `The database has migration ${name}, which this version does not know: a newer version ` +
          'wrote it. Start that version, or restore a backup from before it.',
      )
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it was applied: the database has checksum ${checksum}, ` +
          `the file has ${migration.checksum}. Put the file back as it was released, and make changes ` +
          'in a new migration.',
      )
    }
  }

  const applied = new Set(rows.map((row) => row.migration_name))
  return known.filter(({ name }) => !applied.has(name))
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(sql)
    await client.query(
      `INSERT INTO "_prisma_migrations"
              (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw new MigrationError(
      `Migration ${name} failed, and nothing of it was kept: ${String(error)}. ` +
        'The service does not start on a half-made schema.',
      { cause: error },
    )
  }
}

/** As Prisma makes it. */
const createTable = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`
