import { expect, test } from 'vitest'

import { type Result, withResult } from './results.ts'

const result: Result = {
  fault: 'worker-killed',
  shape: 'redis',
  asked: '0 lost',
  tries: 100,
  jobs: 50,
  lost: 0,
  diverged: 0,
  recovered_ms: { p50: 9_000, max: 11_000 },
  seconds: 300,
  loads: [2],
  seeds: [1],
  at: '2026-11-25T12:00:00.000Z',
  notes: ['first'],
  problems: [],
  not_run: null,
}
const other = { ...result, fault: 'api-killed', shape: 'postgres' } as const

test('a fault that is struck again takes the place of what is there, and leaves the rest', () => {
  const again = { ...result, tries: 200 }
  expect(withResult([result, other], again, { isPart: false })).toEqual([other, again])
})

test('a part is added to it: the tries and the damage, and the worst of the times', () => {
  const part = { ...result, lost: 1, recovered_ms: { p50: 8_000, max: 12_000 }, seeds: [2] }
  expect(withResult([result], { ...part, notes: ['second'] }, { isPart: true })).toEqual([
    {
      ...result,
      tries: 200,
      jobs: 100,
      lost: 1,
      recovered_ms: { p50: 9_000, max: 12_000 },
      seconds: 600,
      loads: [2, 2],
      seeds: [1, 2],
      notes: ['first', 'second'],
    },
  ])
})

test('a part of what was never struck is the first', () => {
  expect(withResult([other], result, { isPart: true })).toEqual([other, result])
})
