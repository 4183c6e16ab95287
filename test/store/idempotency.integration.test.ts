import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { type TestStore, testStore } from './support/seed.ts'

let fixture: TestStore

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())

const aKey = (key: string) => ({ owner: 'prj_1', maxKept: 100, key })
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

test('a second request while the first is worked on is told to wait, also by another process', async () => {
  const another = fixture.open()
  let finish: (() => void) | undefined
  const first = fixture.store.answerOnce(
    aKey('flight'),
    () =>
      new Promise((resolve) => {
        finish = () => resolve(answer)
      }),
    () => 'hash',
  )
  const second = (store: Store) =>
    store.answerOnce(
      aKey('flight'),
      async () => answer,
      () => 'hash',
    )
  await expect.poll(() => finish).toBeDefined()
  expect(await codeOf(second(another))).toBe('idempotency_in_flight')
  expect(await codeOf(second(fixture.store))).toBe('idempotency_in_flight')
  finish?.()

  expect((await first).replayed).toBe(false)
  expect((await second(fixture.store)).replayed).toBe(true)
  await another.close()
})

test('a second request is told to wait at once, with no connection free', async () => {
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const worked: string[] = []
  const ask = (key: string) =>
    fixture.store.answerOnce(
      aKey(key),
      async () => {
        worked.push(key)
        await finished
        return answer
      },
      () => 'hash',
    )
  // As many as there are connections, and one that waits for one.
  const firsts = Array.from({ length: 11 }, (_, i) => ask(`scarce ${i}`))
  await expect.poll(() => worked.length).toBe(10)

  const code = await Promise.race([codeOf(ask('scarce 10')), sleep(1_000, 'it waits')])
  finish()
  await Promise.all(firsts)
  expect(code).toBe('idempotency_in_flight')
  expect(worked.length).toBe(11)
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
    { owner: 'prj_1', maxKept: 100, key: 'k' },
    async () => answer,
    () => 'one',
  )
  const other = await fixture.store.answerOnce(
    { owner: 'prj_2', maxKept: 100, key: 'k' },
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
