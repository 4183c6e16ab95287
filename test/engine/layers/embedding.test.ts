import { describe, expect, test } from 'vitest'

import {
  attention,
  embedding,
  learnedPositions,
  sequential,
  sinusoidalPositions,
} from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

const values = (length: number, shift = 0) =>
  Array.from({ length }, (_, i) => (((i + shift) * 7919) % 1013) / 500 - 1)

describe.each(kernelTables)('embeddings and positions on $name', (table) => {
  test('a token is its row; gradients add up, and none goes on to the tokens', () => {
    const layer = embedding({ vocabulary: 3, channels: 2 })
    const bound = bindAlone(layer, { table, inputShape: [2], rows: 2 })
    bound.parameters[0].set([1, 2, 3, 4, 5, 6])
    bound.x.set([2, 0, 2, 2])
    bound.dy.set([1, 10, 2, 20, 4, 40, 8, 80])
    bound.dx.fill(99)
    bound.forward()
    bound.backward()

    expect(Array.from(bound.y)).toEqual([5, 6, 1, 2, 5, 6, 5, 6])
    expect(Array.from(bound.gradients[0])).toEqual([2, 20, 0, 0, 13, 130])
    expect(Array.from(bound.dx)).toEqual([0, 0, 0, 0])
  })

  test.each([
    { layer: learnedPositions({ context: 6 }), inputShape: [6, 3] },
    { layer: learnedPositions({ context: 9 }), inputShape: [5, 4] },
    { layer: sinusoidalPositions(), inputShape: [5, 7] },
  ])('positions match finite differences: $layer.definition.type $inputShape', (given) => {
    const { layer, inputShape } = given
    const size = 3 * inputShape[0] * inputShape[1]

    expectGradientsToMatch(layer, {
      table,
      inputShape,
      rows: 3,
      x: values(size),
      dy: values(size, 5),
    })
  })

  test('nobody looks at padding, whatever its vector', () => {
    const network = sequential([
      embedding({ vocabulary: 4, channels: 4, padding: 0 }),
      attention({ heads: 2 }),
    ])
    const bound = bindAlone(network, { table, inputShape: [3], rows: 2 })
    bound.x.set([1, 2, 0, 3, 0, 0])
    bound.forward()
    const before = bound.y.slice()
    bound.parameters[0].set([9, -9, 9, -9]) // the row of token 0
    bound.forward()

    const places = [0, 1, 3] // of six; the others are padding themselves
    for (const place of places) {
      const at = [place * 4, place * 4 + 4] as const
      expect(bound.y.slice(...at)).toEqual(before.slice(...at))
    }
    expect(bound.y).not.toEqual(before)
  })
})

test('what cannot be is refused', () => {
  expect(() => embedding({ vocabulary: 0, channels: 1 })).toThrow('embedding: vocabulary must be')
  expect(() => embedding({ vocabulary: 4, channels: 1, padding: 4 })).toThrow(
    'embedding: padding must be an integer >= 0 and <= 3, got 4.',
  )
  expect(() => learnedPositions({ context: 4 }).plan([5, 2], 1, 'training')).toThrow(
    'learned_positions: expected at most 4 places, got 5.',
  )
  expect(() => sinusoidalPositions().plan([5], 1, 'training')).toThrow(
    'sinusoidal_positions: expected a sequence, (time, channels), got (5).',
  )
})
