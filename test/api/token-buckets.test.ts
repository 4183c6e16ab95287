import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTokenBuckets } from '../../src/api/token-buckets.ts'

/** How many of those that come at these times are let through. */
function granted(perMinute: number, timesMs: readonly number[]): number {
  const buckets = createTokenBuckets()
  return timesMs.filter((ms) => buckets.take('a', perMinute, ms).isGranted).length
}

const everyMs = (ms: number, count: number) => Array.from({ length: count }, (_, i) => i * ms)

test('a flood is held to its rate in every second, after what may come at once', () => {
  const buckets = createTokenBuckets()
  const perSecond = Array.from({ length: 20 }, () => 0)
  for (const ms of everyMs(5, 4_000)) {
    if (buckets.take('a', 3_000, ms).isGranted) perSecond[Math.floor(ms / 1000)] += 1
  }

  // 200 a second where 50 are allowed: 500 that may come at once last for 3.3 s.
  expect(perSecond.slice(0, 3)).toEqual([200, 200, 200])
  for (const count of perSecond.slice(4)) expect(Math.abs(count - 50)).toBeLessThanOrEqual(1)
})

test('a small allowance may come whole, and a request more when its time has come', () => {
  const buckets = createTokenBuckets()
  const left = everyMs(0, 6).map(() => buckets.take('a', 5, 0).remaining)
  expect(left).toEqual([4, 3, 2, 1, 0, 0])

  const refused = buckets.take('a', 5, 0)
  expect(refused).toEqual({ isGranted: false, remaining: 0, fullInMs: 60_000, nextInMs: 12_000 })
  expect(buckets.take('a', 5, 11_999).isGranted).toBe(false)
  expect(buckets.take('a', 5, 12_000).isGranted).toBe(true)
})

test('what was taken counts under a new rate', () => {
  const buckets = createTokenBuckets()
  for (const ms of everyMs(0, 5)) buckets.take('a', 5, ms)

  expect(buckets.take('a', 8, 0)).toMatchObject({ isGranted: true, remaining: 2 })
})

test('each owner has a bucket of its own, and full ones are forgotten', () => {
  const buckets = createTokenBuckets()
  for (let i = 0; i < 10_000; i++) {
    expect(buckets.take(`owner ${i}`, 60, i * 100).isGranted).toBe(true)
  }

  // Each is full again after a second, in which ten came.
  expect(buckets.size).toBeLessThanOrEqual(1_000)
})

test('never more in any time than may come at once, and the rate over that time', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 400 })
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 2_000 }), (gapsMs, perMinute) => {
      let atMs = 0
      const times = gapsMs.map((gap) => (atMs += gap))
      const atOnce = Math.max(Math.min(perMinute, 60), Math.floor(perMinute / 6))
      const most = atOnce + (atMs * perMinute) / 60_000
      expect(granted(perMinute, times)).toBeLessThanOrEqual(Math.floor(most + 1e-6))
    }),
  )
})
