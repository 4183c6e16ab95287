/** @file Jobs that do not fit just now, and those that never will: nobody claims for them, and none is forgotten. */
import { setTimeout as sleep } from 'node:timers/promises'

import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { cancelJob } from '../../src/store/jobs/set-intent.ts'
import { aYard, type Yard } from './support/yard.ts'

const endless = { epochs: 10_000_000, report_every: 1000 }
const trivial = { epochs: 1 }

let yard: Yard

beforeEach(async () => {
  yard = await aYard({ name: 'postgres' })
})
afterEach(() => yard.dispose())

async function repairsOf(registry: Registry): Promise<number> {
  const found = /repairs_total\{repair="message"\} (\d+)/.exec(await registry.metrics())
  return Number(found?.[1] ?? 0)
}

test('100 jobs that do not fit just now are no repairs, and all of them train once there is room', async () => {
  const registry = new Registry()
  const first = await yard.submit(endless)
  const { planBytes } = await yard.job(first)
  yard.work({ threads: 2, memoryBytes: Number(planBytes) * 1.5, registry })
  await yard.untilStatus(first, 'running')
  const waiting = await Promise.all(Array.from({ length: 100 }, () => yard.submit(trivial)))
  await vi.waitFor(async () => expect(await yard.queue.countWaiting()).toBe(0), {
    timeout: 20_000,
  })
  const before = await repairsOf(registry)
  await sleep(6_500)
  expect(await repairsOf(registry)).toBe(before)

  await cancelJob(yard.store.db, yard.projectId, first)
  await Promise.all(waiting.map(yard.untilEnded))
})

test('a worker is known by its memory while it is there', async () => {
  const worker = yard.work({ memoryBytes: 123_456_789 })
  const known = async () =>
    (await yard.store.db.query('SELECT memory_bytes, free_bytes FROM workers')).rows
  await vi.waitFor(
    async () =>
      expect(await known()).toEqual([{ memory_bytes: '123456789', free_bytes: '123456789' }]),
    { timeout: 10_000 },
  )
  await worker.stop(5_000)

  expect(await known()).toEqual([])
})

test('one that was killed is forgotten after a minute', async () => {
  await yard.store.reportWorker({ id: 'a', name: 'a:1', memoryBytes: 2, freeBytes: 1 })
  await yard.store.reportWorker({ id: 'b', name: 'b:1', memoryBytes: 2, freeBytes: 1 })
  await yard.store.db.query(
    `UPDATE workers SET seen_at = now() - interval '61 seconds' WHERE id = 'a'`,
  )
  await yard.store.reclaimExpiredAsLeader()

  const { rows } = await yard.store.db.query('SELECT id FROM workers')
  expect(rows).toEqual([{ id: 'b' }])
})
