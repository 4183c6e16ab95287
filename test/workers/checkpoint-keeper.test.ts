import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import {
  checkpointAsks,
  controlBytes,
  controlWords,
  type TakenCheckpoint,
} from '../../src/contract/tasks.ts'
import { createCheckpointKeeper } from '../../src/workers/checkpoint-keeper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function aKeeper({ isBySteps = false, isResumed = false, writeMs = 0 } = {}) {
  const control = new SharedArrayBuffer(controlBytes)
  const words = new Int32Array(control)
  const written: number[] = []
  const keeper = createCheckpointKeeper({
    control,
    isBySteps,
    isResumed,
    everyMs: 30_000,
    async write({ step }) {
      await new Promise((resolve) => setTimeout(resolve, writeMs))
      written.push(step)
    },
  })
  const asked = () => words[controlWords.checkpoint]
  const take = (step: number, milliseconds = 0) => {
    words[controlWords.checkpoint] = checkpointAsks.none // as the thread does
    keeper.take({ step, milliseconds } as TakenCheckpoint)
  }
  return { keeper, asked, take, written }
}

test('a job that ends before the first pause is asked for none', async () => {
  const { keeper, asked } = aKeeper()
  await vi.advanceTimersByTimeAsync(29_000)
  await keeper.end()
  await vi.advanceTimersByTimeAsync(29_000)

  expect(asked()).toBe(checkpointAsks.none)
})

test('the next one waits until the last is written and 50 times its cost has passed', async () => {
  const { keeper, asked, take } = aKeeper({ writeMs: 1_500 })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(asked()).toBe(checkpointAsks.now)
  take(10, 500)
  await vi.advanceTimersByTimeAsync(1_500 + 99_000)
  expect(asked()).toBe(checkpointAsks.none)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(asked()).toBe(checkpointAsks.now)
  await keeper.end()
})

test('by steps, the first is wanted at once and the next after a second', async () => {
  const { keeper, asked, take } = aKeeper({ isBySteps: true })
  await vi.advanceTimersByTimeAsync(1)
  expect(asked()).toBe(checkpointAsks.atMultiple)
  take(10)
  await vi.advanceTimersByTimeAsync(900)
  expect(asked()).toBe(checkpointAsks.none)
  await vi.advanceTimersByTimeAsync(200)
  expect(asked()).toBe(checkpointAsks.atMultiple)
  await keeper.end()
})

test('by steps, a run that was resumed waits a second before the first', async () => {
  const { keeper, asked } = aKeeper({ isBySteps: true, isResumed: true })
  await vi.advanceTimersByTimeAsync(900)
  expect(asked()).toBe(checkpointAsks.none)
  await vi.advanceTimersByTimeAsync(200)
  expect(asked()).toBe(checkpointAsks.atMultiple)
  await keeper.end()
})

test('the end waits for the one that is being written, and for the last one behind it', async () => {
  const { keeper, take, written } = aKeeper({ writeMs: 1_000 })
  take(10)
  take(20)
  const ended = keeper.end()
  await vi.advanceTimersByTimeAsync(2_000)
  await ended

  expect(written).toEqual([10, 20])
})
