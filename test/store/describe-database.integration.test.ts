import { afterAll, expect, test } from 'vitest'

import { describeDatabase } from '../../src/store/describe-database.ts'
import { testStore } from './support/seed.ts'

const { store, database, dispose } = await testStore()
afterAll(dispose)

test('the memory of the largest worker, where one is at work and the schema knows of workers', async () => {
  const largest = async () => (await describeDatabase(database.url)).largestMemoryBytes
  expect(await largest()).toBeNull()

  await store.reportWorker({ id: 'a', name: 'a:1', memoryBytes: 5e9, freeBytes: 1 })
  await store.reportWorker({ id: 'b', name: 'b:1', memoryBytes: 7e9, freeBytes: 0 })
  expect(await largest()).toBe(7e9)

  await store.db.query('DROP TABLE workers')
  expect(await largest()).toBeNull()
})
