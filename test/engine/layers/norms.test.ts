import { describe, expect, test } from 'vitest'

import { createRandomStream, layerNorm, rmsNorm } from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

function normals(length: number, seed: number): number[] {
  const { normal } = createRandomStream(seed, 'split')
  return Array.from({ length }, (_, i) => 2 * normal(i) + 0.5)
}

const layers = {
  'layer norm': layerNorm(),
  'layer norm without bias': layerNorm({ bias: false, epsilon: 0.1 }),
  'RMS norm': rmsNorm(),
}

describe.each(kernelTables)('norms on $name', (table) => {
  describe.each(Object.entries(layers))('%s', (_, layer) => {
    // Below, at and beyond the sixteen partials of a sum, and two dimensions.
    test.each([
      { inputShape: [3] },
      { inputShape: [16] },
      { inputShape: [37] },
      { inputShape: [2, 5] },
    ])('the backward pass matches finite differences: $inputShape', ({ inputShape }) => {
      const length = 3 * inputShape.reduce((a, b) => a * b, 1)
      const [x, dy] = [normals(length, 1), normals(length, 2)]

      expectGradientsToMatch(layer, { table, inputShape, rows: 3, x, dy })
    })

    test('many rows: past a block of 256 of the sums over them', () => {
      const bound = bindAlone(layer, { table, inputShape: [5], rows: 300 })
      bound.x.set(normals(1500, 1))
      bound.dy.set(normals(1500, 2))
      bound.forward()
      bound.backward()
      const [weight, bias = null] = bound.parameters
      for (let c = 0; c < 5; c++) {
        let expected = 0
        for (let n = 0; n < 300; n++) {
          const y = bound.y[n * 5 + c] - (bias?.[c] ?? 0)
          expected += bound.dy[n * 5 + c] * (y / weight[c])
        }
        expect(bound.gradients[0][c]).toBeCloseTo(expected, table.digits - 2)
      }
    })

    test('fewer rows than planned leave the rest alone', () => {
      const bound = bindAlone(layer, { table, inputShape: [2], rows: 3 })
      bound.y.fill(99)
      bound.dx.fill(99)
      bound.forward(2)
      bound.backward(2)

      expect([...bound.y.slice(4), ...bound.dx.slice(4)]).toEqual([99, 99, 99, 99])
    })
  })

  test('a constant row becomes the bias', () => {
    const bound = bindAlone(layerNorm(), { table, inputShape: [3], rows: 1 })
    bound.x.fill(7)
    bound.parameters[1].set([1, 2, 3])
    bound.forward()

    expect(Array.from(bound.y)).toEqual([1, 2, 3])
  })
})

test('parameters are named as in PyTorch, start as the identity, and do not decay', () => {
  expect(layerNorm().plan([4, 6], 1, 'training').parameters).toMatchObject([
    { name: 'weight', shape: [6], decays: false, initializer: { definition: { type: 'ones' } } },
    { name: 'bias', shape: [6], decays: false, initializer: { definition: { type: 'zeros' } } },
  ])
  expect(rmsNorm().plan([6], 1, 'training').parameters).toMatchObject([
    { name: 'weight', shape: [6], decays: false, initializer: { definition: { type: 'ones' } } },
  ])
})

test('what cannot be is refused', () => {
  expect(() => layerNorm({ epsilon: -1 })).toThrow('layer_norm: epsilon must be a number >= 0')
  expect(() => rmsNorm({ epsilon: NaN })).toThrow('rms_norm: epsilon must be')
  expect(() => layerNorm().plan([], 1, 'training')).toThrow(
    'layer_norm: expected at least one channel, got ().',
  )
})
