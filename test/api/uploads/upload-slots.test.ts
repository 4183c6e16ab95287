import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createUploadSlots } from '../../../src/api/uploads/upload-slots.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the next in line goes on when one is done, in the order of coming', async () => {
  const slots = createUploadSlots(1)
  const order: number[] = []
  const first = await slots.acquire('a')
  const second = slots.acquire('a').then((release) => {
    order.push(2)
    return release
  })
  slots.acquire('a').then(() => order.push(3))
  expect(order).toEqual([])

  first()
  const releaseSecond = await second
  expect(order).toEqual([2])
  releaseSecond()
  await vi.advanceTimersByTimeAsync(0)
  expect(order).toEqual([2, 3])
})

test('who waited in vain is told so, and holds nothing up', async () => {
  const slots = createUploadSlots(1)
  const release = await slots.acquire('a')
  const waiting = expect(slots.acquire('b')).rejects.toMatchObject({
    code: 'unavailable',
    retryAfterSeconds: 5,
  })
  await vi.advanceTimersByTimeAsync(5_000)
  await waiting

  release()
  await expect(slots.acquire('b')).resolves.toBeTypeOf('function')
})

test('a project has half of the slots: the others are there for others', async () => {
  const slots = createUploadSlots(4)
  const releases = [await slots.acquire('a'), await slots.acquire('a')]
  const third = expect(slots.acquire('a')).rejects.toMatchObject({
    code: 'too_many_uploads',
    message: expect.stringMatching(/under way: 2\. It may have 2 at once of the 4/),
    retryAfterSeconds: 5,
  })
  await expect(slots.acquire('b')).resolves.toBeTypeOf('function')
  await expect(slots.acquire('c')).resolves.toBeTypeOf('function')
  await vi.advanceTimersByTimeAsync(5_000)
  await third

  releases[0]()
  await expect(slots.acquire('a')).resolves.toBeTypeOf('function')
})

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [5, 2],
])('of %i slots a project has %i', async (all, share) => {
  const slots = createUploadSlots(all)
  for (let i = 0; i < share; i++) await slots.acquire('a')
  let isGranted = false
  slots.acquire('a').then(
    () => (isGranted = true),
    () => {},
  )
  await vi.advanceTimersByTimeAsync(5_000)

  expect(isGranted).toBe(false)
})

test('of those who wait, the one goes on whose project has the fewest under way', async () => {
  const slots = createUploadSlots(4)
  const order: string[] = []
  const [first] = await Promise.all(['a', 'b', 'b', 'c'].map((id) => slots.acquire(id)))
  for (const id of ['c', 'b', 'd']) slots.acquire(id).then(() => order.push(id))

  first()
  await vi.advanceTimersByTimeAsync(0)
  expect(order).toEqual(['d'])
})
