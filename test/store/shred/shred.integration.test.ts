import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { openShredder, type Shredder } from '../../../src/store/shred/shred.ts'
import { type TestDatabase, testDatabase } from '../../support/services.ts'

let database: TestDatabase
let other: pg.Client
let shredder: Shredder

beforeEach(async () => {
  database = await testDatabase()
  other = new pg.Client({ connectionString: database.url, application_name: 'an upload' })
  await other.connect()
  shredder = await openShredder(database.url)
})

afterEach(async () => {
  await shredder.close()
  await other.end()
  await database.dispose()
})

/** Whoever began before still sees it. */
async function deleteSomething(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`INSERT INTO blobs (id, project_id, bytes, sha256) VALUES ('b', 'p', 0, '')`)
  await client.query('DELETE FROM blobs')
  await client.end()
}

test.each([
  ['reads', 'REPEATABLE READ', 'SELECT 1 FROM projects'],
  ['writes', 'READ COMMITTED', `INSERT INTO projects (id, name) VALUES ('p', 'p')`],
])(
  'a transaction that %s and began before is named, and not waited for without end',
  async (_, level, sql) => {
    await other.query(`BEGIN ISOLATION LEVEL ${level}`)
    await other.query(sql)
    await deleteSomething()

    expect(await shredder.waitForReaders(300)).toEqual([
      {
        kind: 'transaction',
        name: expect.stringMatching(/^\d+$/),
        detail: 'an upload',
        openSeconds: expect.any(Number),
      },
    ])

    const waiting = shredder.waitForReaders(20_000)
    await other.query('ROLLBACK')
    expect(await waiting).toEqual([])
  },
)

test('transactions that begin later are not waited for', async () => {
  await other.query('BEGIN')
  const waiting = shredder.waitForReaders(20_000)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await other.query('SELECT 1 FROM projects')

  expect(await waiting).toEqual([])
})

test('rows that are there stay as they are', async () => {
  await other.query(`INSERT INTO projects (id, name) SELECT n, 'p' FROM generate_series(1, 9) n`)
  await other.query('DELETE FROM projects WHERE id::int > 4')

  expect(await shredder.rewriteTables()).toMatchObject({ tables: expect.any(Number) })
  await shredder.overwriteLog()

  const { rows } = await other.query('SELECT id FROM projects ORDER BY id')
  expect(rows.map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
})

test('log that a replication slot keeps is counted, and the slot is named', async () => {
  const slot = `slot_${randomUUID().replaceAll('-', '')}`
  await other.query('SELECT pg_create_physical_replication_slot($1, true)', [slot])
  const { kept } = await shredder.overwriteLog()
  await other.query('SELECT pg_drop_replication_slot($1)', [slot])

  expect(kept.segments).toBeGreaterThan(0)
  expect(kept.bytes).toBe(kept.segments * 16 * 1024 * 1024)
  expect(kept.reasons).toEqual([`replication slots want them: ${slot} (nobody reads it)`])
  const after = await shredder.overwriteLog()
  expect(after.kept).toEqual({ segments: 0, bytes: 0, reasons: [] })
})

test('answers that are kept about what is gone go, and those about what is there stay', async () => {
  const kept = (key: string, object: string, id: string) =>
    other.query(
      `INSERT INTO idempotency_keys (owner, key, request_hash, status, body)
      VALUES ('key_1', $1, '', 201, $2)`,
      [key, JSON.stringify({ object, id })],
    )
  await other.query(`INSERT INTO projects (id, name) VALUES ('prj_here', 'p')`)
  await kept('here', 'project', 'prj_here')
  for (const object of ['project', 'api_key', 'dataset', 'job']) await kept(object, object, 'gone')
  await shredder.rewriteTables()

  const { rows } = await other.query('SELECT key FROM idempotency_keys')
  expect(rows).toEqual([{ key: 'here' }])
})

test('a role that may not is told so: Postgres itself would only warn, and rewrite nothing', async () => {
  const role = `role_${randomUUID().replaceAll('-', '')}`
  await other.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
  await other.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'secret'
  const humble = await openShredder(url.href)

  await expect(humble.rewriteTables()).rejects.toMatchObject({ code: '42501' })
  await expect(humble.overwriteLog()).rejects.toMatchObject({ code: '42501' })

  await humble.close()
  await other.query(`DROP OWNED BY ${role}`)
  await other.query(`DROP ROLE ${role}`)
})
