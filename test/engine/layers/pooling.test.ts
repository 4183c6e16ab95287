import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  averagePool2d,
  flatten,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
} from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

/** No two are equal: a maximum stays one when a pixel moves a little. */
const distinct = (length: number) =>
  Array.from({ length }, (_, i) => (((i + 1) * 37) % 1009) / 100 - 5)

const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1)

describe.each(kernelTables)('pooling on $name', (table) => {
  const bind = (layer: Layer, inputShape: number[], x: number[], dy: number[]) => {
    const bound = bindAlone(layer, { table, inputShape, rows: 1 })
    bound.dx.fill(99)
    bound.x.set(x)
    bound.dy.set(dy)
    bound.forward()
    bound.backward()
    return { y: Array.from(bound.y), dx: Array.from(bound.dx) }
  }

  const cases = [maxPool2d, averagePool2d].flatMap((make) =>
    [
      { layer: make({ size: [2, 2] }), inputShape: [2, 4, 6] },
      { layer: make({ size: [2, 2] }), inputShape: [1, 4, 16] },
      { layer: make({ size: [2, 2] }), inputShape: [1, 5, 11] },
      { layer: make({ size: [3, 2], stride: [1, 2] }), inputShape: [2, 5, 5] },
      { layer: make({ size: [3, 3], stride: [2, 2], padding: [1, 1] }), inputShape: [1, 6, 5] },
    ].map((each) => ({ ...each, options: JSON.stringify(each.layer.definition) })),
  )

  test.each([
    ...cases,
    { layer: globalAveragePool2d(), inputShape: [3, 4, 5], options: 'global' },
    { layer: flatten(), inputShape: [3, 4, 5], options: 'flatten' },
  ])('the backward pass matches finite differences: $options on $inputShape', (given) => {
    const { layer, inputShape } = given
    const { output } = layer.plan(inputShape, 2, 'training')
    const x = distinct(2 * size(inputShape))
    const dy = distinct(2 * size(output)).reverse()

    expectGradientsToMatch(layer, { table, inputShape, rows: 2, x, dy })
  })

  const side = fc.integer({ min: 1, max: 5 })
  const length = fc.integer({ min: 1, max: 7 })
  const step = fc.integer({ min: 1, max: 3 })

  test.each([
    { name: 'max', make: maxPool2d },
    { name: 'average', make: averagePool2d },
  ])('windows larger than the image, padded by half of them: $name', ({ make }) => {
    fc.assert(
      fc.property(
        fc.tuple(fc.constant(2), side, side),
        fc.tuple(length, length),
        fc.tuple(step, step),
        (inputShape, lengths, stride) => {
          const padding = lengths.map((each) => Math.floor(each / 2)) as [number, number]
          fc.pre(inputShape.slice(1).every((each, i) => each + 2 * padding[i] >= lengths[i]))
          const layer = make({ size: lengths, stride, padding })
          const { output } = layer.plan(inputShape, 2, 'training')
          const x = distinct(2 * size(inputShape))
          const dy = distinct(2 * size(output)).reverse()

          expectGradientsToMatch(layer, { table, inputShape, rows: 2, x, dy })
        },
      ),
      { numRuns: 30 },
    )
  })

  test('of equal maxima the first gets the gradient, row by row', () => {
    const flat = bind(maxPool2d({ size: [2, 2] }), [1, 2, 2], [1, 1, 1, 1], [5])
    expect(flat).toEqual({ y: [1], dx: [5, 0, 0, 0] })

    // Eight windows of 2 x 2, so that the fast way is taken: the maximum is at place i % 4 and after.
    const rows = [[], []] as number[][]
    const first = [[], []] as number[][]
    for (let i = 0; i < 8; i++) {
      for (let place = 0; place < 4; place++) {
        rows[place >> 1].push(place >= i % 4 ? 7 : 3)
        first[place >> 1].push(place === i % 4 ? i + 1 : 0)
      }
    }
    const many = bind(
      maxPool2d({ size: [2, 2] }),
      [1, 2, 16],
      rows.flat(),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
    expect(many).toEqual({ y: Array.from({ length: 8 }, () => 7), dx: first.flat() })
  })

  test('a pixel that is the maximum of several windows gets all their gradients', () => {
    const layer = maxPool2d({ size: [1, 2], stride: [1, 1] })
    expect(bind(layer, [1, 1, 3], [1, 2, 1], [10, 20])).toEqual({ y: [2, 2], dx: [0, 30, 0] })
  })

  test('padding is never the maximum, and counts as zeros in a mean', () => {
    const options = { size: [2, 2], stride: [2, 2], padding: [1, 1] } as const
    const x = [-1, -2, -3, -4]

    expect(bind(maxPool2d(options), [1, 2, 2], x, [1, 1, 1, 1]).y).toEqual(x)
    expect(bind(averagePool2d(options), [1, 2, 2], x, [1, 1, 1, 1]).y).toEqual(x.map((v) => v / 4))
  })

  test('a NaN is the maximum, wherever it stands', () => {
    for (const [inputShape, count] of [
      [[1, 2, 8], 4],
      [[1, 2, 2], 1],
    ] as const) {
      for (let place = 0; place < 4 * count; place++) {
        const x = Array.from({ length: 4 * count }, (_, i) => (i === place ? NaN : 1))
        const { y } = bind(maxPool2d({ size: [2, 2] }), [...inputShape], x, Array(count).fill(1))
        expect(y.filter(Number.isNaN)).toHaveLength(1)
      }
    }
  })
})

test('windows lie side by side when no stride is given; what does not fill one is left out', () => {
  const { output } = maxPool2d({ size: [3, 2] }).plan([4, 7, 7], 1, 'training')
  expect(output).toEqual([4, 2, 3])
})

describe('refusals', () => {
  test.each<[() => unknown, string]>([
    [() => maxPool2d({ size: [0, 2] }), 'max_pool2d: each side of size must be an integer >= 1'],
    [
      () => averagePool2d({ size: [3, 3], padding: [2, 0] }),
      'average_pool2d: padding must be at most half of the size (3, 3), got (2, 0).',
    ],
    [
      () => maxPool2d({ size: [2, 2] }).plan([3, 1, 4], 1, 'training'),
      'max_pool2d: expected images of at least (2, 2), padding included, got (1, 4)',
    ],
    [
      () => globalAveragePool2d().plan([10], 1, 'training'),
      'global_average_pool2d: expected images of (channels, height, width), got (10).',
    ],
  ])('%#', (run, message) => {
    expect(run).toThrow(message)
  })
})
