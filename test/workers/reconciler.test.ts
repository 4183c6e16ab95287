import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createWorkerMetrics } from '../../src/workers/metrics.ts'
import { startReconciler } from '../../src/workers/reconciler.ts'

const everyMs = 2_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Over a queue that has lost all, and loses all again: what each pass sends, and what is counted. */
async function passes(...found: { jobs: number; turns: string }[]) {
  const sent: number[] = []
  const done: string[] = []
  const registry = new Registry()
  const stop = startReconciler({
    store: {
      reclaimExpiredAsLeader: async () => {
        done.push('reclaim')
        return []
      },
      countClaimable: async () => found.shift() ?? { jobs: 0, turns: '' },
    },
    queue: {
      countWaiting: async () => 0,
      send: async (count) => {
        sent.push(count)
      },
    },
    report: async () => {
      done.push('report')
    },
    relay: { wake() {} },
    live: { publish() {} },
    limits: { jobs_running: 10, threads: 10, job_seconds: 60 },
    onError(error) {
      throw error
    },
    log: { warn() {} },
    metrics: createWorkerMetrics(registry),
  })
  await vi.advanceTimersByTimeAsync(found.length * everyMs)
  await stop()
  const text = await registry.metrics()
  const repairs = /repairs_total\{repair="message"\} (\d+)/.exec(text)
  return { sent, done, repairs: Number(repairs?.[1] ?? 0) }
}

test('the loss of the whole queue is made good in one pass, and counted', async () => {
  const { sent, repairs } = await passes(
    { jobs: 0, turns: '7' },
    { jobs: 300, turns: '7' },
    { jobs: 200, turns: '107' },
  )

  expect(sent).toEqual([300, 200])
  expect(repairs).toBe(500)
})

test('messages that brought no claim are not sent again, but for a few, and are no repairs', async () => {
  const { sent, repairs } = await passes(
    { jobs: 300, turns: '7' },
    { jobs: 300, turns: '7' },
    { jobs: 300, turns: '7' },
    { jobs: 299, turns: '8' },
  )

  expect(sent).toEqual([300, 16, 16, 299])
  expect(repairs).toBe(300 + 299)
})

test('a worker says what it has before anybody counts', async () => {
  expect((await passes({ jobs: 0, turns: '' })).done).toEqual(['report', 'reclaim'])
})
