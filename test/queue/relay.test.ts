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
