import { describe, expect, test } from 'vitest'

import {
  dense,
  dropout,
  gelu,
  layerNorm,
  planPrediction,
  rmsNorm,
  sequential,
  softmax,
  tanh,
} from '../../../src/engine/index.ts'
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

test('layers may be given names; an empty one adds none', () => {
  const inner = sequential([dense({ units: 2 }), dense({ units: 2 })], ['up', ''])
  const { parameters } = sequential([inner, tanh()], ['mlp', '']).plan([2], 1, 'training')

  expect(parameters.map(({ name }) => name)).toEqual([
    'mlp.up.weight',
    'mlp.up.bias',
    'mlp.weight',
    'mlp.bias',
  ])
  expect(() => sequential([inner], ['mlp']).plan([], 1, 'training')).toThrow(
    'layer mlp: layer up: dense: expected',
  )
})

test('an output that no backward pass reads is not kept', () => {
  // Of these, dense reads its input, tanh its output, dropout nothing.
  const layers = [dense({ units: 3 }), tanh(), dropout({ rate: 0.5 }), dropout({ rate: 0.5 })]
  const { saved, scratch } = sequential([...layers, tanh()]).plan([2], 10, 'training')

  expect(saved).toEqual([30, 30, 30]) // after tanh, and the two masks
  expect(scratch).toEqual([30, 30])
})

describe('a shared parameter', () => {
  const shared = (units: number) =>
    sequential(
      [
        dense({ units: 3, bias: false }),
        dense({ units: 3, bias: false, sharedWeight: 'first.weight' }),
        dense({ units, bias: false, sharedWeight: 'first.weight' }),
      ],
      ['first', 'second', 'third'],
    )

  test.each(kernelTables)('is held once and gathers all gradients, on $name', (table) => {
    expect(shared(3).plan([3], 1, 'training').parameters).toHaveLength(1)
    expectGradientsToMatch(shared(3), {
      table,
      inputShape: [3],
      rows: 2,
      x: values(6),
      dy: values(6),
    })
  })

  test('has one shape', () => {
    expect(() => shared(4).plan([3], 1, 'training')).toThrow(
      'third.weight: expected the shape (3, 3) of first.weight, which it shares, got (4, 3).',
    )
  })

  test('may lie further out, but somewhere', () => {
    const inner = sequential([dense({ units: 2, bias: false, sharedWeight: '0.weight' })])
    const outer = sequential([dense({ units: 2, bias: false }), inner])
    expect(outer.plan([2], 1, 'training').parameters.map(({ name }) => name)).toEqual(['0.weight'])

    const options = { network: inner, inputShape: [2], maxRows: 1 }
    expect(() => planPrediction(options)).toThrow(
      'network: 0.weight shares the values of 0.weight, but no layer before it has a parameter',
    )
  })
})

test('what a norm puts out is made again, in one buffer for all', () => {
  const layers = [dense({ units: 4 }), layerNorm(), dense({ units: 3 }), layerNorm(), tanh()]
  const { saved, scratch } = sequential(layers).plan([2], 10, 'training')

  // After the dense layers, and the moments of the norms.
  expect(saved).toEqual([40, 30, 10, 10, 10, 10])
  expect(scratch).toEqual([40, 40, 40])
  expect(sequential(layers).plan([2], 10, 'prediction').scratch.slice(0, 2)).toEqual([40, 40])
})

test.each(kernelTables)('norms after one another, and at both ends, on $name', (table) => {
  const norms = sequential([layerNorm(), rmsNorm(), layerNorm({ bias: false })])
  const layer = sequential([rmsNorm(), norms, dense({ units: 5 }), layerNorm()])
  const [x, dy] = [values(12), values(15)]

  expectGradientsToMatch(layer, { table, inputShape: [4], rows: 3, x, dy })
})
