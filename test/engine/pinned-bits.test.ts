/**
 * @file The bits of each numerics version. A change that fails here changes the results of every job:
 * raise the version, and only then pin the new bits.
 */
import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import {
  adamw,
  cosine,
  createRandomStream,
  heNormal,
  mlp,
  numericsVersions,
  permutation,
  planTraining,
} from '../../src/engine/index.ts'
import { kernelTables } from './kernel-tables.ts'
import { sectorsOptions, sectorsTrainer } from './training/problems.ts'

test('the reference is version 1, the fast tables are version 3', () => {
  expect(numericsVersions).toEqual({ reference: 1, wasm: 3, native: 3 })
})

test('random streams', () => {
  const { uniform, normal } = createRandomStream(42, 'initialization', 3)

  expect([0, 1, 2, 3].map(uniform)).toEqual([
    0.5640531471221387, 0.8937325572138985, 0.47436865633851233, 0.8571861069801808,
  ])
  expect([0, 1].map(normal)).toEqual([1.0118658409274786, 0.7073757813978121])
  expect(Array.from(permutation(42, 'shuffle', 0, 8))).toEqual([4, 5, 6, 2, 3, 0, 1, 7])
})

const pinned: Readonly<Record<number, string>> = {
  1: 'ca3419129c256e48664603c60c2dc49d5c3fef638191510c0114d1d7649d4dc2',
  3: 'bdb0ee5e91725e7dda82faf564e0df2105cad3b6b87de94a5eab9afb02ac56e3',
}

test.each(kernelTables)('a job with a bit of everything, on $name', ({ name, backend }) => {
  const options = {
    network: mlp({
      hidden: [9, 7],
      activation: 'gelu',
      dropout: 0.2,
      outputs: 3,
      outputActivation: 'softmax',
      weightInitializer: heNormal(),
    }),
    optimizer: adamw(),
    learningRate: 0.01,
    schedule: cosine({ warmupSteps: 5 }),
    clipNorm: 1,
    validationRows: 20,
  }
  const { memoryBytes } = planTraining({ ...sectorsOptions, ...options })
  const trainer = sectorsTrainer(options, { opened: backend.open(memoryBytes) })
  trainer.run(1_000_000)
  const hash = createHash('sha256')
  for (const { data } of Object.values(trainer.weights())) {
    hash.update(new Uint8Array(data.buffer))
  }

  expect(trainer.snapshot().state.fingerprint).toBe('25458ed029bbf86db767882e19b89e5b')
  expect(hash.digest('hex')).toBe(pinned[numericsVersions[name]])
})
