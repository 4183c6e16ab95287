import { afterAll, beforeAll, expect, test } from 'vitest'

import { aProject, type TestStore, testStore } from './support/seed.ts'

let fixture: TestStore

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())

test('requests that hold all the connections still have the results of their project counted', async () => {
  const { store } = fixture
  const projectId = await aProject(store)
  const many = 30

  const counts = Array.from({ length: many }, () =>
    store.transaction(async (transaction) => {
      await transaction.query('SELECT pg_sleep(0.05)') // until the others have begun
      return store.countResultBytes(projectId)
    }),
  )

  expect(await Promise.all(counts)).toEqual(Array.from({ length: many }, () => 0))
})
