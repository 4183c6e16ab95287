/** @file Several threads for one job: the bits of one, all or none at once, and nobody waits for ever. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { afterAll, describe, expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import { controlSignals, controlWords, type TrainResult } from '../../src/contract/tasks.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { ThreadCrashed } from '../../src/threads/thread-crashed.ts'
import { datasetFile, xor } from './support/datasets.ts'
import { aSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 4, memoryBytes: 1e10 })
afterAll(() => pool.stop({ force: true }))

const digits = datasetFile('csv', readFileSync('examples/data/digits.csv'))

async function train(spec: Spec, data: typeof digits, threads: number) {
  const prepared = prepareTask(spec, data, null)
  const result = await pool.train(prepared.task, { threads, bytes: 0 })
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  return {
    weights: createHash('sha256').update(result.weights).digest('hex'),
    metrics: result.metrics,
    points: prepared.messages().flatMap(({ points }) => points),
  }
}

const digitsSpec = (training: Partial<Spec['training']>) =>
  aSpec({
    target: { column: 'digit', task: 'classification' },
    model: { type: 'mlp', hidden: [70, 33], activation: 'gelu', dropout: 0.2 },
    training: {
      epochs: 3,
      batch_size: 100,
      seed: 5,
      gradient_clipping: { max_norm: 1 },
      validation: { fraction: 0.2 },
      early_stopping: { patience: 1 },
      ...training,
    },
  })

describe('the same bits on one, two and four threads', () => {
  test.each([
    { name: 'a classifier', spec: digitsSpec({}), data: digits },
    {
      name: 'a classifier under AdamW and a schedule',
      spec: digitsSpec({
        optimizer: {
          type: 'adamw',
          learning_rate: 0.01,
          beta1: 0.9,
          beta2: 0.99,
          epsilon: 1e-8,
          weight_decay: 0.1,
          decay: 'all',
        },
        schedule: { type: 'cosine', warmup_steps: 5, final_factor: 0.1 },
      }),
      data: digits,
    },
    {
      name: 'a network smaller than its team',
      spec: aSpec({ training: { epochs: 30, batch_size: 'full' } }),
      data: xor,
    },
  ])('$name', async ({ spec, data }) => {
    const alone = await train(spec, data, 1)

    expect(await train(spec, data, 2)).toEqual(alone)
    expect(await train(spec, data, 4)).toEqual(alone)
  })
})

test('more threads than there are count as all of them', async () => {
  const small = createThreadPool({ threads: 1, memoryBytes: 1e9 })
  const { task } = prepareTask(aSpec(), xor, null)

  await expect(small.train(task, { threads: 8, bytes: 0 })).resolves.toMatchObject({
    outcome: 'succeeded',
  })
  await small.stop()
})

test('jobs that want more threads than there are all get theirs in the end', async () => {
  const spec = aSpec({ training: { epochs: 2, batch_size: 'full' } })
  const wishes = Array.from({ length: 300 }, (_, i) => {
    const { task } = prepareTask(spec, xor, null)
    return pool.train(task, { threads: 1 + (i % 4), bytes: 0 })
  })
  const results = await Promise.all(wishes)

  expect(results.every(({ outcome }) => outcome === 'succeeded')).toBe(true)
  expect(pool.free().threads).toBe(4)
}, 60_000)

test('a team stops and cancels together, within a second', async () => {
  for (const [signal, outcome] of [
    ['cancel', 'cancelled'],
    ['stop', 'succeeded'],
  ] as const) {
    const prepared = prepareTask(digitsSpec({ epochs: 100_000, early_stopping: undefined }), digits)
    const running = pool.train(prepared.task, { threads: 3, bytes: 0 })
    await new Promise((resolve) => setTimeout(resolve, 500))
    const askedAtMs = performance.now()
    Atomics.store(
      new Int32Array(prepared.task.control),
      controlWords.signal,
      controlSignals[signal],
    )
    expect(await running).toMatchObject({ outcome })
    expect(performance.now() - askedAtMs).toBeLessThan(1_000)
  }
  expect(pool.free().threads).toBe(4)
})

test('a loss that is not finite ends the whole team', async () => {
  const spec = digitsSpec({
    optimizer: { type: 'sgd', learning_rate: 1e6, weight_decay: 0, decay: 'all' },
    gradient_clipping: undefined,
  })
  const { task } = prepareTask(spec, digits, null)
  const result: TrainResult = await pool.train(task, { threads: 2, bytes: 0 })

  expect(result).toMatchObject({ outcome: 'failed', reason: { code: 'loss_not_finite' } })
  expect(pool.free().threads).toBe(4)
})

test('a thread that dies ends its team with a clear error, and the pool goes on', async () => {
  const follow = fileURLToPath(new URL('./entries/dying-follower.thread.ts', import.meta.url))
  const broken = createThreadPool({ threads: 2, memoryBytes: 1e9, entries: { follow } })
  const { task } = prepareTask(digitsSpec({ epochs: 1000 }), digits, null)

  await expect(broken.train(task, { threads: 2, bytes: 0 })).rejects.toBeInstanceOf(ThreadCrashed)
  const next = prepareTask(aSpec(), xor, null)
  await expect(broken.train(next.task, { threads: 1, bytes: 0 })).resolves.toMatchObject({
    outcome: 'succeeded',
  })
  await broken.stop()
})
