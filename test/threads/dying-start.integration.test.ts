/** @file A thread that dies before it is ready: Piscina gives up on it, and the pool must not. */
import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'

const { Worker } = workerThreads
/** Started by the pool, the latest last. */
const started: workerThreads.Worker[] = []
/** How many of the next ones are ended at once. */
let doomed = 0
let pool: ThreadPool

beforeAll(() => {
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args)
      started.push(this)
      if (doomed > 0) {
        doomed -= 1
        this.terminate()
      }
    }
  }
  syncBuiltinESMExports()
  pool = createThreadPool({ threads: 1, memoryBytes: 1000 })
})

afterAll(async () => {
  await pool.stop({ force: true })
  workerThreads.Worker = Worker
  syncBuiltinESMExports()
})

test('what waits for it is done by the next one', async () => {
  await pool.calibrate()
  doomed = 2
  await started.at(-1)?.terminate()

  await expect(pool.calibrate()).resolves.toMatchObject({ numericsVersion: expect.any(Number) })
  // Two that died and the one that stands in for them; on a busy machine one more may have been tried.
  expect(started.length).toBeGreaterThanOrEqual(4)
  expect(pool.free()).toEqual({ threads: 1, bytes: 1000 })
})
