import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createRelay } from '../../src/queue/relay.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** An outbox whose first pass lasts until it is let go. */
function relayWithSlowFirstPass() {
  let letGo = () => {}
  const first = new Promise<number>((resolve) => {
    letGo = () => resolve(0)
  })
  const drain = vi.fn(async () => 0).mockReturnValueOnce(first)
  const relay = createRelay({ drain, send: async () => {}, onError: () => {} })
  return { relay, drain, letGo }
}

test('what is written during a pass is fetched by one more, long before the next poll', async () => {
  const { relay, drain, letGo } = relayWithSlowFirstPass()
  for (let i = 0; i < 4; i++) relay.wake()
  expect(drain).toHaveBeenCalledTimes(1)

  letGo()
  await vi.advanceTimersByTimeAsync(20)

  expect(drain).toHaveBeenCalledTimes(2)
  await relay.stop()
})

test('after a stop there are no more passes', async () => {
  const { relay, drain, letGo } = relayWithSlowFirstPass()
  for (let i = 0; i < 2; i++) relay.wake()

  const stopped = relay.stop()
  letGo()
  await stopped
  await vi.advanceTimersByTimeAsync(5_000)

  expect(drain).toHaveBeenCalledTimes(1)
})

test('while the queue is away it is asked once a second with one message, then given all', async () => {
  let isAway = true
  let waiting = 700
  const drain = vi.fn(async (limit: number) => {
    if (isAway) throw new Error('away')
    const count = Math.min(limit, waiting)
    waiting -= count
    return count
  })
  const relay = createRelay({ drain, send: async () => {}, onError: () => {} })
  for (let i = 0; i < 300; i++) {
    relay.wake()
    await vi.advanceTimersByTimeAsync(10)
  }
  const limits = () => drain.mock.calls.map(([limit]) => limit)
  expect(limits()).toEqual([500, 1, 1, 1])

  isAway = false
  await vi.advanceTimersByTimeAsync(1_000)

  expect(limits().slice(4)).toEqual([1, 500, 500])
  expect(waiting).toBe(0)
  await relay.stop()
})
