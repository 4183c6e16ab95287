import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createUploadSlots } from '../../../src/api/uploads/upload-slots.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the next in line goes on when one is done, in the order of coming', async () => {
  const slots = createUploadSlots(1)
  const order: number[] = []
  const first = await slots.acquire()
  const second = slots.acquire().then((release) => {
    order.push(2)
    return release
  })
  slots.acquire().then(() => order.push(3))
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
  const release = await slots.acquire()
  const waiting = expect(slots.acquire()).rejects.toMatchObject({
    code: 'unavailable',
    retryAfterSeconds: 5,
  })
  await vi.advanceTimersByTimeAsync(5_000)
  await waiting

  release()
  await expect(slots.acquire()).resolves.toBeTypeOf('function')
})
