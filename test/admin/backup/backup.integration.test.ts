import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { restoreBackup } from '../../../src/admin/backup/restore-backup.ts'
import { writeBackup } from '../../../src/admin/backup/write-backup.ts'
import { openSnapshot } from '../../../src/store/backup/snapshot.ts'
import { readTables } from '../../../src/store/tables.ts'
import {
  aDataset,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from '../../store/support/seed.ts'
import { type TestDatabase, testDatabase } from '../../support/services.ts'

let folder: string
let path: string
let source: TestStore
let target: TestDatabase
let projectId: string
let jobId: string

/** More than a part of the file, and more than a chunk. */
const content = randomBytes(5_500_000).toString('latin1')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trainyard-backup-'))
  path = join(folder, 'all.tar')
  source = await testStore()
  target = await testDatabase()
  projectId = await aProject(source.store)
  const dataset = await aDataset(source.store, projectId, content)
  jobId = await aQueuedJob(source.store, projectId, dataset)
  await source.store.db.query(
    `INSERT INTO losses (job_id, name, step, value, seq)
    VALUES ($1, 'loss', 1, 'NaN', 1), ($1, 'loss', 2, 0.1, 1), ($1, 'loss', 3, '-Infinity', 1)`,
    [jobId],
  )
})

afterEach(async () => {
  await source.dispose()
  await target.dispose()
  rmSync(folder, { recursive: true })
})

const gaveBack = {
  jobStatus: 'queued',
  runStatus: 'released',
  reason: null,
} as const

const atStart = { step: 0, steps: 10, epoch: 0, epochs: 10, eta_seconds: null }

const { signal } = new AbortController()

const write = () =>
  writeBackup({ databaseUrl: source.database.url, path, trainyardVersion: '1.2.3', signal })

const restore = ({ replace = false, into = target.url } = {}) =>
  restoreBackup({ openDatabase: async () => into, path, replace, signal })

async function query(url: string, sql: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** A hash of all that is in each table. */
async function contentOf(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const found: Record<string, string> = {}
  for (const { name } of await readTables(client)) {
    const { rows } = await client.query(`SELECT one::text AS row FROM "${name}" one ORDER BY 1`)
    found[name] = createHash('sha256').update(JSON.stringify(rows)).digest('hex')
  }
  await client.end()
  return found
}

test('what is restored is what was there, in every table of the catalogue', async () => {
  const report = await write()
  const { rows } = await restore()

  expect(report.rows).toBe(rows)
  expect(report.bytes).toBe(statSync(path).size)
  const found = await contentOf(target.url)
  expect(Object.keys(found)).toContain('blob_chunks')
  expect(Object.keys(found)).not.toContain('_prisma_migrations')
  expect(found).toEqual(await contentOf(source.database.url))
})

test('a table that nobody has told the backup of is in it', async () => {
  const make =
    'CREATE TABLE later (id serial PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)'
  await query(target.url, make)
  await query(source.database.url, `${make}; INSERT INTO later DEFAULT VALUES`)

  await write()
  await restore()

  expect(await query(target.url, 'SELECT * FROM later')).toEqual([{ id: 1, twice: 2 }])
})

test('the next number of a sequence comes after all that were given out', async () => {
  const next = `SELECT nextval('outbox_id_seq')::int AS id`
  await query(source.database.url, next)
  const [{ id }] = await query(source.database.url, next)
  await write()
  await restore()

  expect(await query(target.url, next)).toEqual([{ id: id + 1 }])
})

test('it is one moment of the database, whatever is written meanwhile', async () => {
  const snapshot = await openSnapshot(source.database.url)
  await query(source.database.url, 'DELETE FROM losses')
  await aDataset(source.store, projectId)

  const counts: Record<string, number> = {}
  for (const table of snapshot.tables) {
    const rows = snapshot.read(table)
    for await (const _ of rows);
    counts[table.name] = rows.rowCount
  }
  await snapshot.close()

  expect(counts).toMatchObject({ losses: 3, datasets: 1, blobs: 1 })
})

test('it is a tar file that others can read, for its owner alone', async () => {
  await write()

  const { status, stdout } = spawnSync('tar', ['-tf', path], { encoding: 'utf8' })
  expect(status).toBe(0)
  const names = stdout.trim().split('\n')
  expect([names[0], ...names.slice(-2)]).toEqual(['backup.json', 'end.json', 'sha256'])
  expect(names).toContain('tables/blob_chunks/00000001')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['all.tar'])
})

test('a file that is there already is not replaced', async () => {
  writeFileSync(path, 'precious')

  await expect(write()).rejects.toThrow(`${path} is there already`)
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('a folder that is not there is named', async () => {
  path = join(folder, 'none', 'all.tar')

  await expect(write()).rejects.toThrow(`cannot be written to ${path}: there is no such file`)
})

test('a database without a schema is refused, and leaves no file', async () => {
  const empty = await testDatabase({ isEmpty: true })

  const writing = writeBackup({ databaseUrl: empty.url, path, trainyardVersion: '1', signal })

  await expect(writing).rejects.toThrow('nothing to back up')
  expect(readdirSync(folder)).toEqual([])
  await empty.dispose()
})

test('a backup that is interrupted leaves no file', async () => {
  const interrupt = AbortSignal.timeout(1)
  await new Promise((resolve) => setTimeout(resolve, 5))
  const options = { databaseUrl: source.database.url, path, trainyardVersion: '1' }

  await expect(writeBackup({ ...options, signal: interrupt })).rejects.toThrow()

  expect(readdirSync(folder)).toEqual([])
})

test('a database with rows is refused and stays as it is, unless it is to be replaced', async () => {
  await write()
  await query(target.url, `INSERT INTO projects (id, name) VALUES ('prj_other', 'other')`)
  const before = await contentOf(target.url)

  await expect(restore()).rejects.toThrow(/not empty: there are rows in projects\..*--force/)
  expect(await contentOf(target.url)).toEqual(before)

  await restore({ replace: true })
  expect(await contentOf(target.url)).toEqual(await contentOf(source.database.url))
})

test('while a worker is at work on the database it is not replaced, and the worker is named', async () => {
  await write()
  const claim = await source.store.claimNext({ ...aWorker, worker: 'host:4711', leaseSeconds: 20 })
  const replace = () => restore({ replace: true, into: source.database.url })
  await expect(replace()).rejects.toThrow(/at work .*\n {2}host:4711: 1, for \d+ s\n.*Stop them/s)
  expect(await source.store.db.query('SELECT 1 FROM runs')).toMatchObject({ rowCount: 1 })

  if (claim) await source.store.finishRun(claim, gaveBack)
  await replace()
  expect(await source.store.db.query('SELECT 1 FROM runs')).toMatchObject({ rowCount: 0 })
})

test('a worker that was taken for dead writes nothing into what was restored', async () => {
  const first = await source.store.claimNext(aWorker)
  await write()
  await source.store.db.query('UPDATE jobs SET lease_expires_at = now() - $1::interval', ['1 s'])
  await restore({ replace: true, into: source.database.url })

  if (!first) throw new Error('Expected a claim.')
  const point = { name: 'loss', step: 7, value: 1 }
  const report = { progress: { ...atStart, step: 7 }, points: [point] }
  expect(await source.store.writeProgress(first, report)).toBe(false)
  expect(await source.store.finishRun(first, gaveBack)).toBeNull()
  // The run of the backup ends with its lease, and the job is taken up again.
  await source.store.db.query('UPDATE jobs SET lease_expires_at = now() - $1::interval', ['1 s'])
  await source.store.reclaimExpiredAsLeader()
  const { rows } = await source.store.db.query('SELECT status FROM runs')
  expect(rows).toEqual([{ status: 'lost' }])
  const second = await source.store.claimNext(aWorker)
  expect(second?.fence).toBeGreaterThan(first.fence + 1)
})

test('another version of the schema is refused, with both named', async () => {
  await query(
    source.database.url,
    `UPDATE _prisma_migrations SET migration_name = '9_later'
    WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`,
  )
  await write()

  await expect(restore()).rejects.toThrow(
    /another version of the schema: its last migration is 9_later .* Trainyard 1\.2\.3/,
  )
  expect((await contentOf(target.url)).projects).toBe((await contentOf(target.url)).jobs)
})

/** Hashes of nothing at all. */
async function expectEmpty(): Promise<void> {
  expect(new Set(Object.values(await contentOf(target.url))).size).toBe(1)
}

test('a file that was cut anywhere is refused before the database is touched', async () => {
  const { bytes } = await write()
  const whole = readFileSync(path)

  for (const cut of [0, 100, 512, 1000, 5000, bytes / 2, bytes - 4096, bytes - 1480]) {
    writeFileSync(path, whole.subarray(0, cut))
    await expect(restore({ into: 'postgresql://nowhere' }), `cut at ${cut}`).rejects.toThrow(
      /cut short|is not a backup/,
    )
  }
})

test('any other file is refused', async () => {
  for (const other of ['', 'PGDMP', 'x'.repeat(100_000), '\0'.repeat(2048)]) {
    writeFileSync(path, other)
    await expect(restore({ into: 'postgresql://nowhere' })).rejects.toThrow('is not a backup')
  }
  path = folder
  await expect(restore({ into: 'postgresql://nowhere' })).rejects.toThrow('it is a folder')
  path = join(folder, 'none')
  await expect(restore({ into: 'postgresql://nowhere' })).rejects.toThrow('no such file')
})

test('a changed byte is found wherever it lies, before the database is touched', async () => {
  const { bytes } = await write()
  const whole = readFileSync(path)
  const hashAt = bytes - 2 * 512 - 512 // from here on: the hash, and empty blocks
  const places = [0, 600, 700, 3000, bytes / 2, bytes / 3, hashAt - 600, hashAt + 5].map(Math.floor)

  for (const at of places) {
    const changed = Buffer.from(whole)
    changed[at] ^= 1
    writeFileSync(path, changed)
    await expect(restore({ into: 'postgresql://nowhere' }), `byte ${at}`).rejects.toThrow(
      /is damaged|is not a backup/,
    )
  }
})

test('a blob that was damaged before the backup is found and named, and nothing is restored', async () => {
  const [{ id }] = await query(source.database.url, 'SELECT id FROM blobs')
  await query(
    source.database.url,
    'UPDATE blob_chunks SET data = set_byte(data, 7, (get_byte(data, 7) + 1) % 256) WHERE index = 1',
  )
  await write()

  await expect(restore()).rejects.toThrow(new RegExp(`1 of its blobs .*\\n +${id}: expected`))
  await expectEmpty()
})

test('a chunk that is missing is found too', async () => {
  await query(source.database.url, 'DELETE FROM blob_chunks')
  await write()

  await expect(restore()).rejects.toThrow('got 0 with')
})

test('a row that the database refuses leaves it as it was', async () => {
  await write()
  await query(target.url, 'ALTER TABLE losses ADD CHECK (step < 3)')

  await expect(restore()).rejects.toThrow(/database is as it was: .*losses/)
  await expectEmpty()
})
