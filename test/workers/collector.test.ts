import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Collected } from '../../src/store/retention/collected.ts'
import { startCollector } from '../../src/workers/collector.ts'

const batch: Collected[] = [{ kind: 'losses', projectId: 'prj_1', rows: 3, bytes: 100 }]
const everyMs = 20

let passes: (() => Promise<Collected[] | null>)[]
let calls: number
const failures: unknown[] = []
const logged: object[] = []

beforeEach(() => {
  passes = []
  calls = 0
  failures.length = 0
  logged.length = 0
})

let stop: () => Promise<void>
afterEach(() => stop())

function start() {
  const collectAsLeader = async () => {
    calls += 1
    return (await passes.shift()?.()) ?? []
  }
  stop = startCollector({
    store: { collectAsLeader },
    onError: (error) => failures.push(error),
    log: { info: (fields) => logged.push(fields) },
    everyMs,
  })
}

test('it goes on until nothing is due, says what has gone, and looks again later', async () => {
  passes = [async () => batch, async () => batch, async () => []]
  start()
  await vi.waitFor(() => expect(calls).toBeGreaterThanOrEqual(5), { interval: 2 })
  expect(logged).toEqual([{ rows: 6, bytes: 200 }])
})

test('while another process is the collector it does nothing but look again', async () => {
  passes = [async () => null, async () => null]
  start()
  await vi.waitFor(() => expect(calls).toBeGreaterThanOrEqual(3), { interval: 2 })
  expect(logged).toEqual([])
})

test('an outage is reported, and ends nothing', async () => {
  passes = [() => Promise.reject(new Error('database away')), async () => batch]
  start()
  await vi.waitFor(() => expect(logged).toEqual([{ rows: 3, bytes: 100 }]), { interval: 2 })
  expect(failures).toHaveLength(1)
})

test('it stops with the batch that is under way, and begins no other', async () => {
  let release: () => void = () => {}
  passes = [() => new Promise((resolve) => (release = () => resolve(batch)))]
  start()
  await vi.waitFor(() => expect(calls).toBe(1), { interval: 2 })
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(stopped).toBe(false)
  release()
  await stopping
  expect(calls).toBe(1)
})

test('after a batch it rests four times as long as that took', async () => {
  const began: number[] = []
  const slow = async () => {
    began.push(performance.now())
    await new Promise((resolve) => setTimeout(resolve, 40))
    return batch
  }
  passes = [slow, slow]
  start()
  await vi.waitFor(() => expect(began).toHaveLength(2), { interval: 2, timeout: 5_000 })
  expect(began[1] - began[0]).toBeGreaterThan(190)
})
