import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createQuota } from '../../src/store/quota.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A quota of 5; each count is answered by the test. */
function aQuota() {
  const counts: { source: string; answer(used: number): void; fail(): void }[] = []
  const quota = createQuota<string>({
    count: (_owner, source) =>
      new Promise((answer, reject) => {
        counts.push({ source, answer, fail: () => reject(new Error('its client has left')) })
      }),
    rememberedMs: 1_000,
    refusal: (limit, used) => new Error(`${used} of ${limit}`) as never,
  })
  const outcomes: string[] = []
  const reserve = async (source: string) => {
    await quota.reserve('prj_1', 1, 5, source).then(
      () => outcomes.push(`${source} in`),
      (error) => outcomes.push(`${source}: ${error.message}`),
    )
  }
  return { counts, outcomes, reserve, settle: () => vi.advanceTimersByTimeAsync(0) }
}

test('who waits for the count of a request that fails counts anew, one for all of them', async () => {
  const { counts, outcomes, reserve, settle } = aQuota()
  for (const source of ['leaves', 'a', 'b', 'c']) void reserve(source)
  counts[0].fail()
  await settle()
  expect(outcomes).toEqual(['leaves: its client has left'])
  expect(counts.map(({ source }) => source)).toEqual(['leaves', 'a'])

  counts[1].answer(3)
  await settle()
  expect(outcomes.slice(1)).toEqual(['a in', 'b in', 'c: 5 of 5'])
})

test('an old count is made anew by one request; others that fit do not wait for it', async () => {
  const { counts, outcomes, reserve, settle } = aQuota()
  void reserve('first')
  counts[0].answer(1)
  await settle()
  vi.advanceTimersByTime(1_001)

  for (const source of ['counts', 'a', 'b', 'c', 'd']) void reserve(source)
  await settle()
  expect(outcomes).toEqual(['first in', 'a in', 'b in', 'c in'])
  counts[1].answer(1) // without those three
  await settle()
  expect(outcomes.slice(4)).toEqual(['counts in', 'd: 5 of 5'])
  expect(counts.length).toBe(2)
})
