import { afterAll, beforeAll, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { type TestStore, testStore } from './support/seed.ts'

let fixture: TestStore

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())

const aKey = (key: string) => ({ owner: 'prj_1', key })
const answer = { status: 201, body: { id: 1 } }

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error instanceof AppError ? error.code : String(error)
}

test('the same request is worked on once, and answered the same again', async () => {
  let worked = 0
  const ask = () =>
    fixture.store.answerOnce(
      aKey('once'),
      async () => {
        worked += 1
        return answer
      },
      () => 'hash',
    )

  expect(await ask()).toEqual({ ...answer, replayed: false })
  expect(await ask()).toEqual({ ...answer, replayed: true })
  expect(worked).toBe(1)
})

test('the same key with another request is refused', async () => {
  await fixture.store.answerOnce(
    aKey('other'),
    async () => answer,
    () => 'one',
  )
  const second = fixture.store.answerOnce(
    aKey('other'),
    async () => answer,
    () => 'two',
  )

  expect(await codeOf(second)).toBe('idempotency_mismatch')
})

test('a second request while the first is worked on is told to wait', async () => {
  let finish = () => {}
  const first = fixture.store.answerOnce(
    aKey('flight'),
    () =>
      new Promise((resolve) => {
        finish = () => resolve(answer)
      }),
    () => 'hash',
  )
  await expect
    .poll(() =>
      codeOf(
        fixture.store.answerOnce(
          aKey('flight'),
          async () => answer,
          () => 'hash',
        ),
      ),
    )
    .toBe('idempotency_in_flight')
  finish()

  expect((await first).replayed).toBe(false)
})

test('a request that failed frees its key, and leaves nothing behind', async () => {
  const failing = fixture.store.answerOnce(
    aKey('failed'),
    async (transaction) => {
      await transaction.query(`INSERT INTO projects (id, name) VALUES ('prj_gone', 'gone')`)
      throw new AppError('invalid_spec', 'no')
    },
    () => 'hash',
  )
  expect(await codeOf(failing)).toBe('invalid_spec')

  expect(await fixture.store.projects.find('prj_gone')).toBeNull()
  const again = await fixture.store.answerOnce(
    aKey('failed'),
    async () => answer,
    () => 'hash',
  )
  expect(again.replayed).toBe(false)
})

test('keys of two owners do not meet', async () => {
  await fixture.store.answerOnce(
    { owner: 'prj_1', key: 'k' },
    async () => answer,
    () => 'one',
  )
  const other = await fixture.store.answerOnce(
    { owner: 'prj_2', key: 'k' },
    async () => answer,
    () => 'two',
  )

  expect(other.replayed).toBe(false)
})

test('a key is forgotten after a day', async () => {
  await fixture.store.answerOnce(
    aKey('old'),
    async () => answer,
    () => 'one',
  )
  await fixture.store.db.query(
    `UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`,
  )
  const again = await fixture.store.answerOnce(
    aKey('old'),
    async () => answer,
    () => 'two',
  )

  expect(again.replayed).toBe(false)
})
