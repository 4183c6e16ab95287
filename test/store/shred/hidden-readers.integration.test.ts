/** @file Readers without a process: of a Postgres of its own, with settings that those of other tests lack. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startEmbeddedPostgres } from '../../../src/embedded/postgres.ts'
import { openShredder, type Shredder } from '../../../src/store/shred/shred.ts'

type Postgres = Awaited<ReturnType<typeof startEmbeddedPostgres>>

const dataFolder = mkdtempSync(join(tmpdir(), 'trainyard-shred-'))
let postgres: Postgres
let client: pg.Client
let shredder: Shredder

beforeAll(async () => {
  chmodSync(dataFolder, 0o755) // else, as root, the data would go to the system folder
  const start = () =>
    startEmbeddedPostgres({
      dataFolder,
      log: { info: () => {}, warn: console.warn },
      isDurable: false,
    })
  const connect = async () => {
    client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
  }
  postgres = await start()
  await connect()
  await client.query('ALTER SYSTEM SET wal_level = logical')
  await client.query('ALTER SYSTEM SET max_prepared_transactions = 2')
  await client.end()
  await postgres.stop()
  postgres = await start()
  await connect()
  await client.query('CREATE TABLE things (id int)')
  shredder = await openShredder(postgres.url)
})

afterAll(async () => {
  await shredder?.close()
  await client?.end()
  await postgres?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

test('a transaction that was prepared, and whose client went, is named', async () => {
  await client.query('BEGIN; INSERT INTO things VALUES (1)')
  await client.query(`PREPARE TRANSACTION 'left over'`)

  expect(await shredder.waitForReaders(300)).toEqual([
    {
      kind: 'prepared_transaction',
      name: 'left over',
      detail: expect.any(String),
      openSeconds: expect.any(Number),
    },
  ])
  await client.query(`ROLLBACK PREPARED 'left over'`)
  expect(await shredder.waitForReaders(300)).toEqual([])
})

test('a replication slot for whose reader old rows are kept is named', async () => {
  await client.query(`SELECT pg_create_logical_replication_slot('a_replica', 'pgoutput')`)
  await client.query('DELETE FROM things')
  await client.query('INSERT INTO things VALUES (1)')

  expect(await shredder.waitForReaders(300)).toEqual([
    { kind: 'replication_slot', name: 'a_replica', detail: 'nobody reads it', openSeconds: null },
  ])
  await client.query(`SELECT pg_drop_replication_slot('a_replica')`)
  expect(await shredder.waitForReaders(300)).toEqual([])
})
