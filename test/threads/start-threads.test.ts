import { afterEach, expect, test } from 'vitest'

import { createThreadPool } from '../../src/threads/pool.ts'
import { startThreads, untilStarted } from '../../src/threads/start-threads.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

test('every thread has loaded its modules before it may be stopped', async () => {
  const piscina = startThreads({ threads: 2 })
  stops.push(() => piscina.destroy())
  const exits: number[] = []
  for (const thread of piscina.threads) thread.on('exit', (code) => exits.push(code))

  await untilStarted(piscina)

  expect(piscina.completed).toBe(2)
  expect(exits).toEqual([])
})

test('a pool that is stopped at once waits for that', async () => {
  const startedAtMs = performance.now()
  const started = createThreadPool({ threads: 1, memoryBytes: 1e8 })
  await started.calibrate()
  const loadMs = performance.now() - startedAtMs
  await started.stop()

  const stoppedAtMs = performance.now()
  await createThreadPool({ threads: 1, memoryBytes: 1e8 }).stop()
  // Loading is most of it: a thread that is terminated while it loads is gone in a few milliseconds.
  expect(performance.now() - stoppedAtMs).toBeGreaterThan(Math.min(50, loadMs / 10))
}, 60_000)
