/** @file Batches that leave batch_norm a single number for a channel are refused, as PyTorch refuses them. */
import { expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { planJob } from '../../src/threads/plan.ts'
import { datasetOf } from './support/datasets.ts'
import { aSpec, type ModelInput } from './support/specs.ts'

const norm = { type: 'batch_norm' } as const
const one = { type: 'dense', units: 1 } as const
const nested = { type: 'residual', layers: [{ type: 'residual', layers: [norm] }] } as const
const onRows = [norm, one]
const onImages = [norm, { type: 'flatten' } as const, one]
const image = { image: { shape: [1, 1, 4] as [number, number, number] } }
const points = { image: { shape: [4, 1, 1] as [number, number, number] } }

function complaintsOf(
  layers: readonly object[],
  rows: number,
  training: object,
  features?: object,
) {
  const table = Array.from({ length: rows }, (_, i) => {
    return { a: i, b: -i, c: i / 2, d: 1, y: i % 2 ? 'yes' : 'no' }
  })
  const model = { type: 'layers', layers } as ModelInput
  try {
    const spec = aSpec({ model, training, features })
    planJob(spec, { profile: datasetOf(table).profile, bytes: 100 }, null)
  } catch (error) {
    if (error instanceof AppError) return error.errors
    throw error
  }
  return []
}

test.each([[onRows], [[nested, one]]])('one row in each batch (%#)', (layers) => {
  expect(complaintsOf(layers, 8, { batch_size: 1 })).toEqual([
    {
      pointer: '/training/batch_size',
      code: 'batch_too_small',
      detail:
        'A batch has 1 row, but batch_norm normalizes each channel over the batch, and of one number nothing is left: expected at least 2 rows in each batch. Raise the batch size, or use layer_norm.',
    },
  ])
})

test('one row left for the last batch', () => {
  expect(complaintsOf(onRows, 9, { batch_size: 4 })).toMatchObject([
    {
      pointer: '/training/batch_size',
      detail: expect.stringMatching(
        /^9 rows in batches of 4 leave 1 .* Set the batch size to 5\.$/,
      ),
    },
  ])
  expect(complaintsOf(onRows, 9, { batch_size: 5 })).toEqual([])
  expect(complaintsOf(onRows, 9, { batch_size: 9 })).toEqual([])
  expect(complaintsOf(onRows, 9, { batch_size: 4, steps: 2 })).toEqual([])
  expect(complaintsOf(onRows, 9, { batch_size: 4, steps: 3 })).toHaveLength(1)
})

test('a network without batch_norm takes any batch', () => {
  expect(complaintsOf([one], 8, { batch_size: 1 })).toEqual([])
})

test('an image has as many numbers for a channel as pixels', () => {
  expect(complaintsOf(onImages, 8, { batch_size: 1 }, image)).toEqual([])
  expect(complaintsOf(onImages, 8, { batch_size: 1 }, points)).toHaveLength(1)
})
