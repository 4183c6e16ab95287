import { afterAll, expect, test } from 'vitest'

import { letTransactionWait } from '../../src/store/let-transaction-wait.ts'
import { testStore } from './support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)

const limitOf = async (db: typeof store.db) =>
  (await db.query('SHOW idle_in_transaction_session_timeout')).rows[0]

test('a transaction that waits for a client may wait longer, and only that one', async () => {
  const usual = await limitOf(store.db)
  const inside = await store.transaction(async (transaction) => {
    await letTransactionWait(transaction, 3_600_000)
    return limitOf(transaction)
  })

  expect(usual).toEqual({ idle_in_transaction_session_timeout: '1min' })
  expect(inside).toEqual({ idle_in_transaction_session_timeout: '1h' })
  expect(await limitOf(store.db)).toEqual(usual)
})
