import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { gelu, relu, sigmoid, softmax, tanh } from '../../../src/engine/index.ts'
import { floats, floatsAwayFromZero } from '../../support/arbitraries.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

const activations = [
  { name: 'sigmoid', create: sigmoid },
  { name: 'tanh', create: tanh },
  { name: 'relu', create: relu },
  { name: 'gelu', create: () => gelu() },
  { name: 'gelu by tanh', create: () => gelu({ approximate: 'tanh' as const }) },
  { name: 'softmax', create: softmax },
]

describe.each(kernelTables)('activations on $name', (table) => {
  test.each(activations)('the backward pass of $name matches finite differences', ({ create }) => {
    const options = { table, inputShape: [5], rows: 3 }
    fc.assert(
      fc.property(floatsAwayFromZero(15), floats(15), (x, dy) => {
        expectGradientsToMatch(create(), { ...options, x, dy })
      }),
      { numRuns: 10 },
    )
  })

  test.each(activations)('$name leaves rows alone that it was not asked for', ({ create }) => {
    const bound = bindAlone(create(), { table, inputShape: [3], rows: 2 })
    bound.y.fill(9)
    bound.dx.fill(9)
    bound.forward(1)
    bound.backward(1)

    expect(Array.from(bound.y.subarray(3))).toEqual([9, 9, 9])
    expect(Array.from(bound.dx.subarray(3))).toEqual([9, 9, 9])
  })

  test('relu: negative zero becomes zero, NaN stays, the slope at zero is zero', () => {
    const bound = bindAlone(relu(), { table, inputShape: [5], rows: 1 })
    bound.x.set([-0, NaN, -2, 3, 0])
    bound.dy.fill(1)
    bound.forward()
    bound.backward()

    expect(Array.from(bound.y)).toEqual([0, NaN, 0, 3, 0])
    expect(Array.from(bound.dx)).toEqual([0, 0, 0, 1, 0])
  })

  test('softmax: rows sum to one, and a shift or huge scores change nothing', () => {
    const bound = bindAlone(softmax(), { table, inputShape: [3], rows: 2 })
    bound.x.set([1, 2, 3, 10_001, 10_002, 10_003])
    bound.forward()

    // exp(-2), exp(-1), 1 over their sum.
    const expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
    for (const [i, value] of [...expected, ...expected].entries()) {
      expect(bound.y[i]).toBeCloseTo(value, table.digits)
    }
  })
})
