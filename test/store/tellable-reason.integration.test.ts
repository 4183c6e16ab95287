import { afterAll, expect, test } from 'vitest'

import { tellableReason } from '../../src/store/database-errors.ts'
import { aProject, testStore } from './support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

test('of a statement that Postgres refuses, neither it nor its values are told', async () => {
  const raw = await failureOf(store.db.query('SELECT $1::int AS hidden', ['sesame']))
  expect(String(raw)).toContain('sesame')
  expect(tellableReason(raw)).toBe('the database refused it, SQLSTATE 22P02')

  const read = await failureOf(store.datasets.find(await aProject(store), 'sesame\0'))
  expect(String(read)).toContain('findFirst')
  expect(tellableReason(read)).toMatch(/^the database refused it(, SQLSTATE \w{5})?$/)
})

test('what else goes wrong is told as it is', () => {
  expect(tellableReason(new Error('a shape was wrong'))).toBe('a shape was wrong')
  expect(tellableReason('gone')).toBe('gone')
})
