import { expect, test } from 'vitest'

import { createTally, percentile } from './tally.ts'

const id = `job_${'0'.repeat(32)}`
const answer = { verb: 'GET', path: `/v1/jobs/${id}`, status: 200, ms: 1, isWait: false }
const killed = { areCutsAllowed: true }
const alive = { areCutsAllowed: false }

test('a 5xx that no fault excuses is told with its route and how often it came', () => {
  const tally = createTally()
  tally.add({ ...answer, status: 500 })
  tally.add({ ...answer, status: 500 })
  tally.add(answer)
  expect(tally.complaints([503], alive)).toEqual(['2 × 500 from GET /v1/jobs/{id}'])
})

test('a 503 must be excused, and say when to come again', () => {
  const tally = createTally()
  tally.add({ ...answer, status: 503, isWait: true })
  expect(tally.complaints([503], alive)).toEqual([])
  expect(tally.complaints([], alive)).toEqual(['1 × 503 from GET /v1/jobs/{id}'])
  tally.add({ ...answer, status: 503 })
  expect(tally.complaints([503], alive)).toEqual([
    '1 × 503 from GET /v1/jobs/{id} without Retry-After',
  ])
})

test('a cut connection is excused only where what answers was killed', () => {
  const tally = createTally()
  tally.addCut(new TypeError('fetch failed', { cause: new Error('read ECONNRESET') }))
  expect(tally.complaints([], killed)).toEqual([])
  expect(tally.complaints([], alive)).toEqual(['1 × a request was cut: read ECONNRESET'])
})

test('percentiles are values that came', () => {
  expect([0, 0.5, 0.99].map((share) => percentile([3, 1, 2], share))).toEqual([1, 2, 3])
  expect(percentile([], 0.5)).toBe(0)
})
