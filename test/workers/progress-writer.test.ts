import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { RunProgress } from '../../src/store/runs/write-progress.ts'
import { createProgressWriter } from '../../src/workers/progress-writer.ts'

const points = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ name: 'loss', step: from + i, value: 1 }))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function aWriter(write: (progress: RunProgress) => Promise<boolean> = async () => true) {
  const written: RunProgress[] = []
  const writer = createProgressWriter({
    steps: 100_000,
    epochs: 10,
    firstStep: 0,
    write: (progress) => {
      written.push(progress)
      return write(progress)
    },
    onLost: () => {},
    onError: () => {},
  })
  return { writer, written }
}

test('gathers what comes within a quarter of a second into one write', async () => {
  const { writer, written } = aWriter()
  writer.add({ step: 1, epoch: 0, points: points(1, 1) })
  writer.add({ step: 2, epoch: 0, points: points(2, 2) })
  await vi.advanceTimersByTimeAsync(250)

  expect(written.map((each) => each.points)).toEqual([points(1, 2)])
  expect(await writer.end()).toBeUndefined()
})

test('leaves no more to the end than one event may carry', async () => {
  const { writer, written } = aWriter()
  writer.add({ step: 9_000, epoch: 1, points: points(1, 9_000) })
  const unwritten = await writer.end()

  expect(written.map((each) => each.points.length)).toEqual([2_000, 2_000, 2_000, 2_000])
  expect(unwritten?.points).toEqual(points(8_001, 9_000))
})

test('keeps every point while Postgres is away, for the end to commit', async () => {
  const { writer } = aWriter(() => Promise.reject(new Error('away')))
  writer.add({ step: 5_000, epoch: 1, points: points(1, 5_000) })
  await vi.advanceTimersByTimeAsync(1_000)
  const unwritten = await writer.end()

  expect(unwritten?.points).toEqual(points(1, 5_000))
})

test('does not forget a step that came while it wrote', async () => {
  let finish = () => {}
  const { writer } = aWriter(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(true)
      }),
  )
  writer.add({ step: 1, epoch: 0, points: points(1, 1) })
  await vi.advanceTimersByTimeAsync(250)
  writer.add({ step: 7, epoch: 1, points: [] })
  finish()
  await vi.advanceTimersByTimeAsync(0)

  expect((await writer.end())?.progress.step).toBe(7)
})

test('a flush waits until what was added is committed, and not for what comes later', async () => {
  const { writer, written } = aWriter()
  writer.add({ step: 5_000, epoch: 1, points: points(1, 5_000) })
  const flushed = writer.flush()
  writer.add({ step: 5_001, epoch: 1, points: points(5_001, 5_001) })

  expect(await flushed).toBe(true)
  expect(written.flatMap((each) => each.points)).toEqual(points(1, 5_001))
})

test('a flush while a batch is being written takes each point once', async () => {
  const finish: (() => void)[] = []
  const { writer, written } = aWriter(
    () => new Promise((resolve) => finish.push(() => resolve(true))),
  )
  writer.add({ step: 1, epoch: 0, points: points(1, 1) })
  await vi.advanceTimersByTimeAsync(250)
  writer.add({ step: 2, epoch: 0, points: points(2, 2) })
  const flushed = writer.flush()
  finish[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  finish[1]?.()

  expect(await flushed).toBe(true)
  expect(written.map((each) => each.points)).toEqual([points(1, 1), points(2, 2)])
})

test('a flush says what keeps Postgres from it, and the points wait on', async () => {
  let answer: () => Promise<boolean> = () => Promise.reject(new Error('away'))
  const { writer } = aWriter(() => answer())
  writer.add({ step: 1, epoch: 0, points: points(1, 1) })
  await expect(writer.flush()).rejects.toThrow('away')
  answer = async () => true

  expect(await writer.flush()).toBe(true)
})

test('a flush ends when the claim was lost', async () => {
  const { writer } = aWriter(async () => false)
  writer.add({ step: 1, epoch: 0, points: points(1, 1) })

  expect(await writer.flush()).toBe(false)
})
