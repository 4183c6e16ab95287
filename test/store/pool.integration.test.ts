import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createPool } from '../../src/store/pool.ts'
import { type TestDatabase, testDatabase } from '../support/services.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.dispose())

test('a transaction that rests too long lets go of its locks', async () => {
  const pool = createPool({
    connectionString: database.url,
    applicationName: 'test',
    maxConnections: 2,
    statementTimeoutMs: 5_000,
    idleInTransactionMs: 100,
    onError: () => {},
  })
  const holder = await pool.connect()
  holder.on('error', () => {})
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE jobs')
  await sleep(150)

  const startedAtMs = performance.now()
  await pool.query('SELECT count(*) FROM jobs')
  expect(performance.now() - startedAtMs).toBeLessThan(2_000)

  await expect(holder.query('COMMIT')).rejects.toThrow()
  holder.release(true)
  await pool.end()
})
