import { describe, expect, test } from 'vitest'

import { dense, dropout, gelu, sequential, softmax, tanh } from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

const values = (length: number) => Array.from({ length }, (_, i) => (((i + 1) * 37) % 17) / 8 - 1)

describe.each(kernelTables)('sequential on $name', (table) => {
  test('the backward pass through all layers matches finite differences, nested or not', () => {
    const inner = sequential([dense({ units: 4 }), gelu(), dense({ units: 6 })])
    const layer = sequential([
      dense({ units: 5 }),
      tanh(),
      inner,
      dropout({ rate: 0.3 }),
      softmax(),
    ])
    const [x, dy] = [values(9), values(18)]

    expectGradientsToMatch(layer, { table, inputShape: [3], rows: 3, x, dy })
  })

  test('one layer alone is the layer itself', () => {
    const options = { table, inputShape: [4], rows: 2 }
    const alone = bindAlone(dense({ units: 3 }), options)
    const within = bindAlone(sequential([dense({ units: 3 })]), options)
    for (const bound of [alone, within]) {
      bound.x.set(values(8))
      bound.dy.set(values(6))
      bound.forward()
      bound.backward()
    }

    expect(within.y).toEqual(alone.y)
    expect(within.dx).toEqual(alone.dx)
    expect(within.gradients).toEqual(alone.gradients)
  })
})

test('parameters are named by place, as in a PyTorch state_dict', () => {
  const inner = sequential([tanh(), dense({ units: 2, bias: false })])
  const { parameters } = sequential([dense({ units: 3 }), tanh(), inner]).plan([2], 1, 'training')

  expect(parameters.map(({ name }) => name)).toEqual(['0.weight', '0.bias', '2.1.weight'])
})

test('a prediction keeps nothing, and needs two buffers however deep the network is', () => {
  const layers = Array.from({ length: 20 }, () => dense({ units: 8 }))
  const prediction = sequential(layers).plan([8], 10, 'prediction')
  const training = sequential(layers).plan([8], 10, 'training')

  expect(prediction.saved).toEqual([])
  expect(prediction.scratch).toEqual([80, 80])
  expect(training.saved).toEqual(Array.from({ length: 19 }, () => 80))
  expect(training.scratch).toEqual([80, 80])
})

test('an error names the layer by its place', () => {
  const layer = sequential([sequential([dense({ units: 2 })])])

  expect(() => layer.plan([], 1, 'training')).toThrow('layer 0: layer 0: dense: expected')
  expect(() => sequential([])).toThrow('sequential: expected at least one layer, got none.')
})
