import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { holdRun } from '../../src/workers/held-run.ts'
import { limitTime } from '../../src/workers/time-limit.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const aRun = () => holdRun({ jobId: 'job_1', fence: 1 }, 30, 0)

test('a run is asked to rest when its time is over, and not before', () => {
  const run = aRun()
  const time = limitTime(run, 1_000)
  vi.advanceTimersByTime(999)
  expect([time.isOver, run.signalled]).toEqual([false, 'none'])

  vi.advanceTimersByTime(2)
  expect([time.isOver, run.signalled]).toEqual([true, 'pause'])
})

test('what was asked of it before stands', () => {
  const run = aRun()
  const time = limitTime(run, 1_000)
  run.signal('stop')
  vi.advanceTimersByTime(2_000)

  expect([time.isOver, run.signalled]).toEqual([false, 'stop'])
})

test('a time of months is no time that has passed', () => {
  const run = aRun()
  const time = limitTime(run, 90 * 24 * 3_600_000)
  vi.advanceTimersByTime(60 * 24 * 3_600_000)
  expect(time.isOver).toBe(false)

  vi.advanceTimersByTime(31 * 24 * 3_600_000)
  expect(time.isOver).toBe(true)
})

test('a run that has ended is not asked any more', () => {
  const run = aRun()
  limitTime(run, 1_000).stop()
  vi.advanceTimersByTime(2_000)

  expect(run.signalled).toBe('none')
})
