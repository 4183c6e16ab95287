import { fileURLToPath } from 'node:url'

import { afterEach, expect, test, vi } from 'vitest'

import type { DatasetFile } from '../../src/contract/tasks.ts'
import {
  createThreadPool,
  type ThreadPool,
  type ThreadPoolOptions,
} from '../../src/threads/pool.ts'
import { PoolStopped } from '../../src/threads/pool-stopped.ts'
import { ThreadCrashed } from '../../src/threads/thread-crashed.ts'
import { fates } from './entries/crash.thread.ts'
import { aSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

const crashEntry = fileURLToPath(new URL('./entries/crash.thread.ts', import.meta.url))
const noFile: DatasetFile = {
  format: 'csv',
  profile: { kind: 'table', rows: 0, columns: [], warnings: [] },
  bytes: new SharedArrayBuffer(0),
}
const pools: ThreadPool[] = []

afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.stop({ force: true }))))

function aPool(options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const pool = createThreadPool({
    threads: 2,
    memoryBytes: 1000,
    entries: { train: crashEntry },
    ...options,
  })
  pools.push(pool)
  return pool
}

function run(pool: ThreadPool, fate: keyof typeof fates, bytes = 0) {
  const { task } = prepareTask(aSpec({ training: { seed: fates[fate] } }), noFile)
  return pool.train(task, { threads: 1, bytes })
}

test.each(['exit', 'throwLater', 'throwNow'] as const)(
  'a thread that dies (%s) fails its own task alone, and is replaced',
  async (fate) => {
    const pool = aPool()

    const neighbour = run(pool, 'live')
    await expect(run(pool, fate)).rejects.toBeInstanceOf(ThreadCrashed)
    await expect(neighbour).resolves.toMatchObject({ outcome: 'cancelled' })

    // Twice as many as there are threads: the new one works, and no token was lost.
    const after = await Promise.all(Array.from({ length: 4 }, () => run(pool, 'live')))
    expect(after).toHaveLength(4)
    expect(pool.free()).toEqual({ threads: 2, bytes: 1000 })
  },
)

test('survives a thread that dies with every task', async () => {
  const pool = aPool()

  const results = await Promise.allSettled(Array.from({ length: 5 }, () => run(pool, 'exit')))

  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  await expect(run(pool, 'live')).resolves.toBeDefined()
})

test('a thread that dies between two tasks is logged and replaced', async () => {
  const warnings: string[] = []
  const log = { warn: (_: object, message: string) => warnings.push(message) }
  const pool = aPool({ threads: 1, log })

  await run(pool, 'throwWhenIdle')
  await vi.waitFor(() => expect(warnings).toEqual(['an idle thread died']))

  await expect(run(pool, 'live')).resolves.toMatchObject({ outcome: 'cancelled' })
})

test('a crash says what died and why', async () => {
  await expect(run(aPool(), 'exit')).rejects.toThrow(
    'The train task crashed its thread: worker exited with code: 7.',
  )
})

test('threads see nothing of the environment', async () => {
  const { step: variables } = await run(aPool(), 'live')

  expect(variables).toBe(0)
})

test('a task waits until its bytes are free', async () => {
  const pool = aPool()
  const order: string[] = []

  const large = run(pool, 'live', 800).then(() => order.push('large'))
  const next = run(pool, 'live', 300).then(() => order.push('next'))
  expect(pool.waiting()).toBe(1)
  await Promise.all([large, next])

  expect(order).toEqual(['large', 'next'])
})

test('a task that needs more than the whole memory is refused at once', async () => {
  await expect(run(aPool(), 'live', 1001)).rejects.toMatchObject({ code: 'limit_exceeded' })
})

test('stop lets running tasks end, and refuses those that wait', async () => {
  const pool = aPool({ threads: 1 })
  const running = run(pool, 'live')
  const waiting = run(pool, 'live')
  const refused = expect(waiting).rejects.toBeInstanceOf(PoolStopped)

  await pool.stop()

  await refused
  await expect(running).resolves.toMatchObject({ outcome: 'cancelled' })
  await expect(run(pool, 'live')).rejects.toBeInstanceOf(PoolStopped)
})

test('a forced stop ends running tasks too', async () => {
  const pool = aPool({ threads: 1 })
  const refused = expect(run(pool, 'live')).rejects.toBeInstanceOf(PoolStopped)
  await vi.waitFor(() => expect(pool.free().threads).toBe(0))

  await pool.stop({ force: true })

  await refused
})

test.each([1, 2])('a task of %i threads says when it waits no longer', async (threads) => {
  const pool = aPool({ threads, entries: { train: crashEntry, follow: crashEntry } })
  const seen: string[] = []
  const train = (name: string) => {
    const { task } = prepareTask(aSpec({ training: { seed: fates.live } }), noFile)
    const onBegin = () => seen.push(`${name} begins`)
    return pool.train(task, { threads, bytes: 0, onBegin })
  }
  const both = Promise.all([train('first'), train('second')])
  await vi.waitFor(() => expect(seen).toEqual(['first begins']))
  await both

  expect(seen).toEqual(['first begins', 'second begins'])
})
