/** @file Each number that a process measures about itself moves when what it counts happens. */
import { afterAll, expect, test, vi } from 'vitest'

import { createProcessMetrics } from '../src/process-metrics.ts'
import { createScheduler } from '../src/threads/scheduler.ts'
import { testStore } from './store/support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)
const { registry, watchThreads } = createProcessMetrics(store)

async function measured(name: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1))
}

test("the event loop's delay, memory and CPU", async () => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const until = performance.now() + 300
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 50))

  expect(await measured('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.2)
  expect(await measured('process_resident_memory_bytes')).toBeGreaterThan(1e7)
  expect(await measured('process_cpu_seconds_total')).toBeGreaterThan(0)
})

test('connections in use, and who waits for one', async () => {
  const name = (metric: string) => `trainyard_database_${metric}{pool="requests"}`
  expect(await measured(name('waiting'))).toBe(0)

  const sleepers = Array.from({ length: 20 }, () => store.db.query('SELECT pg_sleep(1)'))
  await vi.waitFor(async () => {
    expect(await measured(name('connections_busy'))).toBeGreaterThan(1)
    expect(await measured(name('waiting'))).toBeGreaterThan(1)
  }, 10_000)
  await Promise.all(sleepers)
  expect(await measured(name('connections_busy'))).toBe(0)
  expect(await measured(name('waiting'))).toBe(0)
})

test('threads, and the memory of plans, of each pool', async () => {
  const memoryBytes = 1_000
  const scheduler = createScheduler({ threads: 2, bytes: memoryBytes })
  watchThreads('training', { ...scheduler, memoryBytes })
  const name = (metric: string) => `trainyard_${metric}{pool="training"}`

  expect(await measured(name('plan_memory_limit_bytes'))).toBe(memoryBytes)
  expect(await measured(name('plan_memory_bytes'))).toBe(0)
  expect(await measured(name('pool_free_threads'))).toBe(2)

  const release = await scheduler.acquire({ threads: 1, bytes: 600 })
  expect(await measured(name('plan_memory_bytes'))).toBe(600)
  expect(await measured(name('pool_free_threads'))).toBe(1)
  const next = scheduler.acquire({ threads: 1, bytes: 600 })
  expect(await measured(name('pool_waiting_tasks'))).toBe(1)
  release()
  const releaseNext = await next
  releaseNext()
  expect(await measured(name('plan_memory_bytes'))).toBe(0)
})
