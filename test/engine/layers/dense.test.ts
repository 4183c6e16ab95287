import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { dense, zeros } from '../../../src/engine/index.ts'
import { floats } from '../../support/arbitraries.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

describe.each(kernelTables)('dense on $name', (table) => {
  test('adds up inputs by the rows of the weight, and the bias', () => {
    const bound = bindAlone(dense({ units: 2 }), { table, inputShape: [3], rows: 1 })
    bound.parameters[0].set([1, 2, 3, 10, 20, 30]) // (2, 3)
    bound.parameters[1].set([0.5, -0.5])
    bound.x.set([1, 0, 2])
    bound.forward()

    expect(Array.from(bound.y)).toEqual([7.5, 69.5])
  })

  test('every size gives what a plain sum gives: blocks and their tails', () => {
    const size = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(size, size, size, (rows, I, O) => {
        const bound = bindAlone(dense({ units: O }), { table, inputShape: [I], rows })
        bound.x.set(Array.from({ length: rows * I }, (_, i) => ((i * 7) % 11) - 5))
        bound.forward()
        const [weight, bias] = bound.parameters
        for (let n = 0; n < rows; n++) {
          for (let o = 0; o < O; o++) {
            let sum = bias[o]
            for (let i = 0; i < I; i++) sum += bound.x[n * I + i] * weight[o * I + i]
            expect(bound.y[n * O + o]).toBeCloseTo(sum, table.digits - 2)
          }
        }
      }),
    )
  })

  test.each([
    { units: 3, inputShape: [5], rows: 2 },
    { units: 9, inputShape: [2], rows: 5 },
    { units: 6, inputShape: [2, 3], rows: 3 },
  ])('the backward pass matches finite differences: $units units on $inputShape', (given) => {
    const { units, inputShape, rows } = given
    const vectors = rows * inputShape.slice(0, -1).reduce((a, b) => a * b, 1)
    const xs = floats(vectors * inputShape[inputShape.length - 1])
    fc.assert(
      fc.property(xs, floats(vectors * units), (x, dy) => {
        expectGradientsToMatch(dense({ units }), { table, inputShape, rows, x, dy })
      }),
      { numRuns: 10 },
    )
  })

  test('gradients of parameters add up over calls, for weights used twice', () => {
    const bound = bindAlone(dense({ units: 1 }), { table, inputShape: [2], rows: 1 })
    bound.x.set([1, 2])
    bound.dy.set([1])
    bound.forward()
    bound.backward()
    bound.backward()

    expect(Array.from(bound.gradients[0])).toEqual([2, 4])
    expect(Array.from(bound.gradients[1])).toEqual([2])
  })

  test('fewer rows than planned leave the rest alone', () => {
    const bound = bindAlone(dense({ units: 1 }), { table, inputShape: [1], rows: 3 })
    bound.y.fill(99)
    bound.dx.fill(99)
    bound.forward(2)
    bound.backward(2)

    expect([bound.y[2], bound.dx[2]]).toEqual([99, 99])
  })
})

test('parameters are named and shaped as in PyTorch; the weight decays, the bias does not', () => {
  const { parameters, output } = dense({ units: 4 }).plan([7], 1, 'training')

  expect(output).toEqual([4])
  expect(parameters).toMatchObject([
    { name: 'weight', shape: [4, 7], decays: true },
    { name: 'bias', shape: [4], decays: false },
  ])
  expect(dense({ units: 4, bias: false }).plan([7], 1, 'training').parameters).toHaveLength(1)
})

test('the bias starts as in PyTorch beside default weights, at zero beside others', () => {
  const initializers = (layer: ReturnType<typeof dense>) =>
    layer.plan([2], 1, 'training').parameters.map((p) => p.initializer.definition.type)

  expect(initializers(dense({ units: 1 }))).toEqual(['torch_linear', 'torch_linear'])
  expect(initializers(dense({ units: 1, weightInitializer: zeros() }))).toEqual(['zeros', 'zeros'])
})

test('refuses units that are no count, and inputs without a dimension', () => {
  expect(() => dense({ units: 0 })).toThrow('dense: units must be an integer >= 1, got 0.')
  expect(() => dense({ units: 1.5 })).toThrow('dense: units must be an integer >= 1, got 1.5.')
  expect(() => dense({ units: 1 }).plan([], 1, 'training')).toThrow('dense: expected at least one')
})
