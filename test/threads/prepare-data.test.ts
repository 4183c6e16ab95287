import { MessageChannel } from 'node:worker_threads'

import { expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import { controlBytes, type DatasetFile } from '../../src/contract/tasks.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import { permutation, type RowSource } from '../../src/engine/index.ts'
import { prepareData } from '../../src/threads/prepare-data.ts'
import type { PreparedData } from '../../src/threads/prepared-data.ts'
import { datasetOf } from './support/datasets.ts'
import { aSpec } from './support/specs.ts'

function prepare(
  spec: Spec,
  training: DatasetFile,
  validation: DatasetFile | null = null,
  onProgress = () => {},
): PreparedData {
  const { port1, port2: progress } = new MessageChannel()
  port1.close()
  const control = new SharedArrayBuffer(controlBytes)
  return prepareData(
    { spec, training, validation, control, bytes: 0, progress },
    {
      resolved: resolveTask(spec, training.profile, validation?.profile ?? null),
      permutation: (length) => permutation(spec.training.seed, 'split', 0, length),
      targetSize: 1,
      onProgress,
    },
  )
}

/** Every fifth row is a yes; x counts the rows. */
const rows = Array.from({ length: 50 }, (_, x) => ({ x, y: x % 5 === 0 ? 'yes' : 'no' }))
const table = datasetOf(rows)
const unscaled = { scaling: 'none' as const }

function aSplit(validation: object, seed = 0) {
  const training = { seed, validation: validation as never }
  return prepare(aSpec({ features: unscaled, training }), table)
}

test('every row is in one part, each part in the order of the file', () => {
  const { training, validation } = aSplit({ fraction: 0.3 })

  expect(training.rows).toBe(35)
  expect(validation?.rows).toBe(15)
  const inputs = [...training.inputs.values]
  expect(inputs).toEqual([...inputs].sort((a, b) => a - b))
  const all = [...inputs, ...(validation?.inputs.values ?? [])].sort((a, b) => a - b)
  expect(all).toEqual(rows.map(({ x }) => x))
})

test('classes keep their proportions, unless the spec says otherwise', () => {
  const yesOf = (stratify: boolean, seed: number) =>
    [...aSplit({ fraction: 0.3, stratify }, seed).validation!.targets.values].reduce(
      (sum, y) => sum + y,
    )

  const seeds = [0, 1, 2, 3, 4, 5]
  expect(seeds.map((seed) => yesOf(true, seed))).toEqual(seeds.map(() => 3))
  expect(new Set(seeds.map((seed) => yesOf(false, seed))).size).toBeGreaterThan(1)
})

test('the seed decides which rows are held out', () => {
  const held = (seed: number) => aSplit({ fraction: 0.3 }, seed).validation?.inputs

  expect(held(1)).toEqual(held(1))
  expect(held(1)).not.toEqual(held(2))
})

test('what is fitted is fitted on the training part alone', () => {
  const spec = aSpec({ training: { validation: { fraction: 0.5 } } })
  const { training, validation } = prepare(spec, table)
  const mean = ({ values }: RowSource) =>
    [...values].reduce((sum, value) => sum + value) / values.length

  expect(mean(training.inputs)).toBeCloseTo(0, 6)
  expect(Math.abs(mean(validation!.inputs))).toBeGreaterThan(1e-4)
})

test('a dataset of its own is encoded as the training part was fitted', () => {
  const other = datasetOf([
    { x: 24.5, y: 'no' },
    { x: 49, y: 'yes' },
  ])
  const validation = { dataset: 'ds_00000000000000000000000000000000' }
  const prepared = prepare(aSpec({ training: { validation } }), table, other)

  expect(prepared.training.rows).toBe(50)
  expect(prepared.validation?.inputs.values[0]).toBe(0)
  expect([...(prepared.validation?.targets.values ?? [])]).toEqual([0, 1])
})

test('without validation all rows are for training', () => {
  const { training, validation } = prepare(aSpec(), table)

  expect(training.rows).toBe(50)
  expect(validation).toBeNull()
})

test('whoever watches may end it', () => {
  const stop = () => {
    throw new Error('enough')
  }

  expect(() => prepare(aSpec(), table, null, stop)).toThrow('enough')
})
