/** @file What is wrong in a list of layers is said once, in the words of the spec, and at its place. */
import { expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { ModelSpec } from '../../src/contract/spec/model.ts'
import { buildNetwork } from '../../src/threads/build-model.ts'

const tokens = { type: 'embedding', vocabulary: 20, channels: 64 }
const dense = (units: number) => ({ type: 'dense', units })
const residual = (...layers: object[]) => ({ type: 'residual', layers })

const row = [4]
const image = [3, 8, 6]

function complaintsOf(layers: readonly object[], inputShape: readonly number[]) {
  const model = ModelSpec.parse({ type: 'layers', layers })
  try {
    buildNetwork(model, { inputShape, outputs: 3, lossName: 'mean_squared_error' })
  } catch (error) {
    if (error instanceof AppError) return error.errors
    throw error
  }
  return []
}

test.each<[string, readonly number[], object[], string, string]>([
  [
    'heads of a block',
    row,
    [tokens, { type: 'transformer_block', heads: 5 }, { type: 'flatten' }, dense(3)],
    '/model/layers/1/heads',
    'Layer 1 (transformer_block): expected channels that are a multiple of 5, for 5 heads, got (4, 64).',
  ],
  [
    'heads of an attention that turns them, in a residual',
    row,
    [tokens, residual({ type: 'attention', heads: 64, rotary: true }), dense(3)],
    '/model/layers/1/layers/0/heads',
    'Layer 1 (residual), layer 0 (attention): expected channels that are a multiple of 128, for 64 heads of two halves, got (4, 64).',
  ],
  [
    'a residual that changes the shape',
    row,
    [residual(dense(5)), dense(3)],
    '/model/layers/0',
    'Layer 0 (residual): expected layers that give back (4), got (5).',
  ],
  [
    'a residual in a residual',
    row,
    [dense(4), residual({ type: 'relu' }, residual(dense(5))), dense(3)],
    '/model/layers/1/layers/1',
    'Layer 1 (residual), layer 1 (residual): expected layers that give back (4), got (5).',
  ],
  [
    'learned positions',
    row,
    [tokens, { type: 'positions', context: 3 }, { type: 'flatten' }, dense(3)],
    '/model/layers/1/context',
    'Layer 1 (positions): expected at most 3 places, got 4. Raise context, or take shorter sequences.',
  ],
  [
    'positions without a sequence',
    row,
    [dense(3), { type: 'positions', kind: 'sinusoidal' }],
    '/model/layers/1',
    'Layer 1 (positions): expected a sequence, (time, channels), got (3).',
  ],
  [
    'groups that do not divide the channels',
    image,
    [{ type: 'conv2d', filters: 4, kernel_size: 3, groups: 2 }, { type: 'flatten' }, dense(3)],
    '/model/layers/0/groups',
    'Layer 0 (conv2d): expected a multiple of 2 channels, since there are 2 groups, got 3 in (3, 8, 6).',
  ],
  [
    'groups that do not divide the filters',
    image,
    [{ type: 'conv2d', filters: 4, kernel_size: 3, groups: 3 }, { type: 'flatten' }, dense(3)],
    '/model/layers/0/groups',
    'Layer 0 (conv2d): filters must be a multiple of groups, got 4 filters in 3 groups.',
  ],
  [
    'a padding that keeps the size, in steps',
    image,
    [
      { type: 'conv2d', filters: 4, kernel_size: 3, stride: 2, padding: 'same' },
      { type: 'flatten' },
      dense(3),
    ],
    '/model/layers/0/padding',
    "Layer 0 (conv2d): padding 'same' needs a stride of (1, 1), got (2, 2). Give the padding in numbers.",
  ],
  [
    'a pool that is mostly padding',
    image,
    [{ type: 'max_pool2d', size: 2, padding: 2 }, { type: 'flatten' }, dense(3)],
    '/model/layers/0/padding',
    'Layer 0 (max_pool2d): padding must be at most half of the size (2, 2), got (2, 2).',
  ],
  [
    'how weights start',
    row,
    [residual({ ...dense(4), initializer: { type: 'uniform', low: 1, high: -1 } }), dense(3)],
    '/model/layers/0/layers/0',
    'Layer 0 (residual), layer 0 (dense): uniform: low must not be above high, got 1 and -1.',
  ],
])('%s', (_name, inputShape, layers, pointer, detail) => {
  expect(complaintsOf(layers, inputShape)).toMatchObject([{ pointer, detail }])
})

test('the shape goes on behind a residual', () => {
  const inner = residual(residual(dense(4), { type: 'relu' }), dense(4))
  expect(complaintsOf([inner, inner, dense(3)], row)).toEqual([])
})

test('an embedding in a residual is at no beginning', () => {
  expect(complaintsOf([residual(residual(tokens)), dense(3)], row)).toMatchObject([
    { pointer: '/model/layers/0/layers/0/layers/0', code: 'misplaced_embedding' },
  ])
})
