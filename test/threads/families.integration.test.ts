/** @file Every family of models, trained as whole jobs: the same bits on any number of threads and any fast table. */
import { createHash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { loadKernels } from '../../src/threads/kernel-backend.ts'
import { createThreadPool, type ThreadPool } from '../../src/threads/pool.ts'
import { type Family, families } from './support/families.ts'
import { prepareTask } from './support/tasks.ts'

const { nativeMissing } = loadKernels('auto')
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

async function train({ spec, data }: Family, pool: ThreadPool, threads: number) {
  const prepared = prepareTask(spec, data)
  const result = await pool.train(prepared.task, { threads, bytes: 0 })
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  const points = prepared.messages().flatMap((message) => message.points)
  return { weights: sha256(result.weights), losses: sha256(JSON.stringify(points)) }
}

type Hashes = Awaited<ReturnType<typeof train>>

/** Of WebAssembly on one thread. */
const alone = new Map<string, Hashes>()

describe.each([
  { table: 'wasm', missing: null },
  { table: 'native', missing: nativeMissing },
] as const)('$table kernels', ({ table, missing }) => {
  let pool: ThreadPool
  beforeAll(() => {
    pool = createThreadPool({ threads: 4, memoryBytes: 1e10, kernels: table })
  })
  afterAll(() => pool.stop({ force: true }))

  const why = missing === null ? '' : `, NOT HERE: ${missing}`
  test.skipIf(missing !== null).each(families)(
    `$name: the same weights and losses on up to 4 threads${why}`,
    async (family) => {
      const expected = alone.get(family.name) ?? (await train(family, pool, 1))
      alone.set(family.name, expected)

      for (const threads of [1, 2, 4].filter((each) => each <= family.maxThreads)) {
        expect(await train(family, pool, threads), `${threads} threads`).toEqual(expected)
      }
    },
  )
})

test('families differ from each other', () => {
  expect(new Set([...alone.values()].map(({ weights }) => weights)).size).toBe(families.length)
})
