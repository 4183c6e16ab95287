import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createFullQueues } from '../../../src/api/admission/full-queues.ts'
import { AppError } from '../../../src/contract/errors.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a project that had too many jobs is refused likewise for a moment, and no other', () => {
  const queues = createFullQueues()
  const refusal = new AppError('too_many_jobs', 'full', { retryAfterSeconds: 5 })
  queues.remember('prj_1', refusal)

  expect(() => queues.check('prj_1')).toThrow(refusal)
  expect(() => queues.check('prj_2')).not.toThrow()
  vi.advanceTimersByTime(101)
  expect(() => queues.check('prj_1')).not.toThrow()
})

test('other errors are not remembered', () => {
  const queues = createFullQueues()
  queues.remember('prj_1', new AppError('dataset_not_found', 'gone'))
  queues.remember('prj_1', new Error('away'))

  expect(() => queues.check('prj_1')).not.toThrow()
})
