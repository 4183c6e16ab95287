import { describe, expect, test } from 'vitest'

import { dense, residual, sigmoid, transformerBlock } from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { kernelTables } from '../kernel-tables.ts'

const values = (length: number, shift = 0) =>
  Array.from({ length }, (_, i) => (((i + shift) * 7919) % 1013) / 400 - 1.2)

describe.each(kernelTables)('residuals and blocks on $name', (table) => {
  test.each([
    { heads: 2 },
    { heads: 1, norm: 'post', causal: true, activation: 'gelu', hidden: 6 },
    { heads: 2, norm: 'pre', dropout: 0.3, bias: false, rotary: true },
  ] as const)('the backward pass matches finite differences: %j', (options) => {
    const [T, C] = [5, 4]
    const [x, dy] = [values(2 * T * C), values(2 * T * C, 9)]

    expectGradientsToMatch(transformerBlock(options), { table, inputShape: [T, C], rows: 2, x, dy })
  })

  test('a residual around a layer that reads its own output again', () => {
    const layer = residual({ layers: [dense({ units: 3 }), sigmoid()] })
    const [x, dy] = [values(6), values(6, 9)]

    expectGradientsToMatch(layer, { table, inputShape: [3], rows: 2, x, dy })
  })
})

test('parameters are named by what they are in the block', () => {
  const names = (norm: 'pre' | 'post') =>
    transformerBlock({ heads: 1, norm, bias: false, dropout: 0.1 })
      .plan([3, 4], 1, 'training')
      .parameters.map(({ name }) => name)

  expect(names('pre')).toEqual([
    'norm1.weight',
    'attention.qkv.weight',
    'attention.out.weight',
    'norm2.weight',
    'mlp.0.weight',
    'mlp.2.weight',
  ])
  expect(names('post').toSorted()).toEqual(names('pre').toSorted())
})

test('what does not fit around a residual, and blocks that cannot be, are refused', () => {
  expect(() => residual({ layers: [dense({ units: 2 })] }).plan([3], 1, 'training')).toThrow(
    'residual: expected layers that give back (3), got (2).',
  )
  expect(() => transformerBlock({ heads: 3 }).plan([5, 8], 1, 'training')).toThrow(
    'transformer_block: expected channels that are a multiple of 3, for 3 heads, got (5, 8).',
  )
  expect(() => transformerBlock({ heads: 1, hidden: 0 })).toThrow('transformer_block: hidden must')
})
