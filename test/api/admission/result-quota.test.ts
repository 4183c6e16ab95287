import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createResultQuota } from '../../../src/api/admission/result-quota.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function aQuotaOf(kept: () => number) {
  let counts = 0
  const quota = createResultQuota({
    countResultBytes: async () => {
      counts += 1
      return kept()
    },
  })
  return { reserve: (bytes: number) => quota.reserve('prj_1', bytes, 100), counts: () => counts }
}

test('what was admitted is added, and nothing is counted for each job', async () => {
  const { reserve, counts } = aQuotaOf(() => 40)
  await reserve(30)
  await reserve(30)

  expect(counts()).toBe(1)
})

test('a refusal says all three numbers', async () => {
  const { reserve } = aQuotaOf(() => 100)
  await expect(reserve(1)).rejects.toMatchObject({
    code: 'quota_exceeded',
    message: expect.stringMatching(/hold 100 bytes .* they hold 100, .* up to 1\./),
  })
})

test('nobody is refused for what has been removed meanwhile', async () => {
  let kept = 100
  const { reserve, counts } = aQuotaOf(() => kept)
  await expect(reserve(10)).rejects.toThrow()
  kept = 0
  await expect(reserve(10)).rejects.toThrow() // from memory: this client asks again at once
  vi.advanceTimersByTime(251)

  await reserve(10)
  expect(counts()).toBe(2)
})

test('what was admitted and has ended keeps nobody out', async () => {
  const { reserve, counts } = aQuotaOf(() => 0)
  await reserve(90)

  await reserve(90)
  expect(counts()).toBe(2)
})

test('what runs have written shows within seconds', async () => {
  let kept = 0
  const { reserve } = aQuotaOf(() => kept)
  await reserve(10)
  kept = 95
  await reserve(10)
  vi.advanceTimersByTime(5_001)

  await expect(reserve(10)).rejects.toThrow('they hold 95')
})

test('a count that failed is made again', async () => {
  let isAway = true
  const { reserve } = aQuotaOf(() => {
    if (isAway) throw new Error('away')
    return 0
  })
  await expect(reserve(1)).rejects.toThrow('away')
  isAway = false

  await reserve(1)
})

test('requests of one moment share a count, also when the one before is old', async () => {
  const { reserve, counts } = aQuotaOf(() => 0)
  await reserve(10)
  vi.advanceTimersByTime(5_001)
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => reserve(10)))

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(counts()).toBe(2)
})

test('a refusal is remembered for ten times as long as the count took', async () => {
  let kept = 100
  let counts = 0
  const quota = createResultQuota({
    countResultBytes: async () => {
      counts += 1
      vi.advanceTimersByTime(300)
      return kept
    },
  })
  const reserve = () => quota.reserve('prj_1', 1, 100)
  await expect(reserve()).rejects.toThrow()
  kept = 0
  vi.advanceTimersByTime(2_900)
  await expect(reserve()).rejects.toThrow()
  expect(counts).toBe(1)
  vi.advanceTimersByTime(200)

  await reserve()
  expect(counts).toBe(2)
})
