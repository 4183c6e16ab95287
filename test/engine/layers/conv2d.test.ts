import { describe, expect, test } from 'vitest'

import { conv2d, zeros } from '../../../src/engine/index.ts'
import type { Conv2dOptions } from '../../../src/engine/layers/conv2d.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

/** Numbers without a pattern that a convolution would meet. */
const values = (length: number) => Array.from({ length }, (_, i) => (((i + 1) * 37) % 101) / 50 - 1)

const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1)

describe.each(kernelTables)('conv2d on $name', (table) => {
  test('adds up the pixels under the window by its weights, and the bias', () => {
    const layer = conv2d({ filters: 1, kernelSize: [2, 2] })
    const bound = bindAlone(layer, { table, inputShape: [1, 2, 3], rows: 1 })
    bound.parameters[0].set([1, 2, 3, 4])
    bound.parameters[1].set([0.5])
    bound.x.set([1, 2, 3, 4, 5, 6])
    bound.forward()

    expect(Array.from(bound.y)).toEqual([1 + 4 + 12 + 20 + 0.5, 2 + 6 + 15 + 24 + 0.5])
  })

  test.each<[string, Conv2dOptions, number[], number]>([
    ['plain', { filters: 3, kernelSize: [3, 3] }, [2, 5, 6], 2],
    ['of even size', { filters: 2, kernelSize: [2, 4], padding: 'same' }, [2, 5, 6], 2],
    ['padded on all sides', { filters: 2, kernelSize: [3, 3], padding: [2, 1] }, [1, 3, 4], 2],
    ['far apart', { filters: 2, kernelSize: [2, 2], stride: [3, 2] }, [2, 7, 6], 2],
    ['of one pixel', { filters: 4, kernelSize: [1, 1] }, [3, 3, 3], 2],
    ['of one pixel, apart', { filters: 2, kernelSize: [1, 1], stride: [2, 2] }, [3, 4, 5], 1],
    ['in groups', { filters: 4, kernelSize: [2, 2], groups: 2 }, [4, 3, 4], 2],
    ['by channel', { filters: 3, kernelSize: [3, 3], groups: 3, padding: 'same' }, [3, 4, 5], 2],
    ['by channel, widened', { filters: 6, kernelSize: [2, 2], groups: 3 }, [3, 4, 4], 2],
    ['without bias', { filters: 2, kernelSize: [3, 2], bias: false }, [2, 4, 4], 1],
    ['wider than the image', { filters: 2, kernelSize: [5, 5], padding: [2, 2] }, [1, 2, 3], 2],
    ['only padding at its edge', { filters: 1, kernelSize: [1, 1], padding: [2, 2] }, [1, 2, 2], 1],
    ['small and square', { filters: 5, kernelSize: [3, 3], padding: [1, 1] }, [4, 4, 4], 2],
  ])('the backward pass matches finite differences: %s', (_name, options, inputShape, rows) => {
    const layer = conv2d(options)
    const { output } = layer.plan(inputShape, rows, 'training')
    const x = values(rows * size(inputShape))
    const dy = values(rows * size(output)).reverse()

    expectGradientsToMatch(layer, { table, inputShape, rows, x, dy })
  })

  test("padding 'same' keeps the size, and puts what does not halve at the end", () => {
    const layer = conv2d({ filters: 1, kernelSize: [1, 2], padding: 'same', bias: false })
    const bound = bindAlone(layer, { table, inputShape: [1, 1, 3], rows: 1 })
    bound.parameters[0].set([1, 10])
    bound.x.set([1, 2, 3])
    bound.forward()

    expect(bound.plan.output).toEqual([1, 1, 3])
    expect(Array.from(bound.y)).toEqual([21, 32, 3])
  })

  test('gradients of parameters add up over calls, for weights used twice', () => {
    for (const groups of [1, 2]) {
      const layer = conv2d({ filters: 2, kernelSize: [2, 2], groups })
      const bound = bindAlone(layer, { table, inputShape: [2, 3, 3], rows: 2 })
      bound.x.set(Array.from({ length: 36 }, (_, i) => ((i * 7) % 11) - 5)) // sums are exact
      bound.dy.set(Array.from({ length: 16 }, (_, i) => ((i * 5) % 7) - 3))
      bound.forward()
      bound.backward()
      const once = bound.gradients.map((gradient) => Array.from(gradient))
      bound.backward()

      for (const [i, gradient] of bound.gradients.entries()) {
        expect(Array.from(gradient)).toEqual(once[i].map((value) => 2 * value))
      }
    }
  })

  test('fewer rows than planned leave the rest alone', () => {
    const layer = conv2d({ filters: 1, kernelSize: [2, 2] })
    const bound = bindAlone(layer, { table, inputShape: [1, 2, 2], rows: 3 })
    bound.y.fill(99)
    bound.dx.fill(99)
    bound.forward(2)
    bound.backward(2)

    expect(bound.y[2]).toBe(99)
    expect(Array.from(bound.dx.subarray(8))).toEqual([99, 99, 99, 99])
  })
})

test('parameters are named and shaped as in PyTorch; the weight decays, the bias does not', () => {
  const layer = conv2d({ filters: 6, kernelSize: [3, 2], groups: 2 })
  const { parameters, output } = layer.plan([4, 5, 5], 1, 'training')

  expect(output).toEqual([6, 3, 4])
  expect(parameters).toMatchObject([
    { name: 'weight', shape: [6, 2, 3, 2], decays: true, fans: { fanIn: 12, fanOut: 36 } },
    { name: 'bias', shape: [6], decays: false, fans: { fanIn: 12 } },
  ])
})

test('the bias starts as in PyTorch beside default weights, at zero beside others', () => {
  const initializers = (options: Partial<Conv2dOptions>) =>
    conv2d({ filters: 1, kernelSize: [1, 1], ...options })
      .plan([1, 2, 2], 1, 'training')
      .parameters.map((p) => p.initializer.definition.type)

  expect(initializers({})).toEqual(['torch_linear', 'torch_linear'])
  expect(initializers({ weightInitializer: zeros() })).toEqual(['zeros', 'zeros'])
  expect(initializers({ bias: false })).toEqual(['torch_linear'])
})

describe('refusals', () => {
  const plan = (inputShape: number[], options: Partial<Conv2dOptions>) => () =>
    conv2d({ filters: 4, kernelSize: [3, 3], ...options }).plan(inputShape, 1, 'training')

  test.each<[string, number[], Partial<Conv2dOptions>, string]>([
    ['a vector', [784], {}, 'expected images of (channels, height, width), got (784).'],
    ['an empty image', [1, 0, 28], {}, 'expected images of (channels, height, width), got (1, 0'],
    [
      'an image smaller than the kernel',
      [1, 2, 8],
      {},
      'expected images of at least (3, 3), padding included, got (2, 8) with a padding of (0, 0).',
    ],
    ['channels that do not divide', [3, 8, 8], { groups: 2 }, 'expected a multiple of 2 channels'],
    [
      'filters that do not divide',
      [3, 8, 8],
      { groups: 3 },
      'filters must be a multiple of groups, got 4 fil',
    ],
    ['no filters', [1, 8, 8], { filters: 0 }, 'filters must be an integer >= 1, got 0.'],
    ['half a pixel', [1, 8, 8], { kernelSize: [1.5, 1] }, 'each side of kernelSize must be an int'],
    ['a stride of zero', [1, 8, 8], { stride: [1, 0] }, 'each side of stride must be an integer'],
    ['a negative padding', [1, 8, 8], { padding: [-1, 0] }, 'each side of padding must be an int'],
    [
      "'same' with a stride",
      [1, 8, 8],
      { padding: 'same', stride: [2, 2] },
      "padding 'same' needs a stride of (1, 1), got (2, 2).",
    ],
  ])('%s', (_name, inputShape, options, message) => {
    expect(plan(inputShape, options)).toThrow(`conv2d: ${message}`)
  })
})
