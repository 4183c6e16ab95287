import { afterAll, beforeAll, expect, test } from 'vitest'

import { type TestStore, testStore } from './support/seed.ts'

let fixture: TestStore

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())

test('a connection that is lost between two statements fails its transaction, and nothing else', async () => {
  const { store } = fixture
  const losing = store.transaction(async (transaction) => {
    const { rows } = await transaction.query('SELECT pg_backend_pid() AS pid')
    await store.db.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    await new Promise((resolve) => setTimeout(resolve, 100)) // the loss comes while nothing runs
    return transaction.query('SELECT 1')
  })

  await expect(losing).rejects.toThrow()
  expect((await store.db.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('what a failed transaction wrote is gone', async () => {
  const failing = fixture.store.transaction(async (transaction) => {
    await transaction.query(`INSERT INTO projects (id, name) VALUES ('prj_x', 'x')`)
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect(await fixture.store.projects.find('prj_x')).toBeNull()
})

test('a transaction whose answer does not come fails at once: no statement waits behind it', async () => {
  const startedMs = performance.now()
  const hanging = fixture.store.transaction((transaction) => {
    const statement = { text: 'SELECT pg_sleep(3)', query_timeout: 100 }
    return transaction.query(statement)
  })

  await expect(hanging).rejects.toThrow('Query read timeout')
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})
