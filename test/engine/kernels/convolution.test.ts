/** @file The ways of the fast tables to convolve, which depend on the sizes: all as the reference. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { conv2d, createRandomStream } from '../../../src/engine/index.ts'
import { convolutionSizes } from '../../../src/engine/kernels/convolution-sizes.ts'
import { planWindow } from '../../../src/engine/window.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { kernelTables } from '../kernel-tables.ts'

function drawn(length: number, seed: number): number[] {
  const { normal } = createRandomStream(seed, 'split')
  return Array.from({ length }, (_, i) => normal(i))
}

const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1)

const image = (I: number) =>
  fc.tuple(fc.constant(I), fc.integer({ min: 3, max: 13 }), fc.integer({ min: 3, max: 13 }))
const padding = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }))

describe.each(kernelTables.slice(1))('$name', (table) => {
  test.each([
    { I: 16, filters: 16 },
    { I: 17, filters: 21 },
    { I: 3, filters: 7 },
  ])('3 x 3 from $I to $filters channels, images of any size', ({ I, filters }) => {
    fc.assert(
      fc.property(image(I), padding, fc.integer({ min: 1, max: 9 }), (inputShape, pad, rows) => {
        const layer = conv2d({ filters, kernelSize: [3, 3], padding: pad })
        const { output } = layer.plan(inputShape, rows, 'training')
        const x = drawn(rows * size(inputShape), 1)
        const dy = drawn(rows * size(output), 2)

        expectGradientsToMatch(layer, { table, inputShape, rows, x, dy })
      }),
      { numRuns: 8 },
    )
  })

  const side = fc.integer({ min: 1, max: 5 })
  const kernel = fc.integer({ min: 1, max: 9 })
  const stride = fc.integer({ min: 1, max: 3 })

  test('windows larger than the image, that lie beyond it at most places', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.constant(2), side, side),
        fc.tuple(kernel, kernel),
        fc.tuple(stride, stride),
        fc.integer({ min: 1, max: 3 }),
        (inputShape, kernelSize, strides, rows) => {
          const isSame = strides[0] * strides[1] === 1
          const pad = kernelSize.map((length) => Math.floor(length / 2)) as [number, number]
          const options = { kernelSize, stride: strides, padding: isSame ? 'same' : pad } as const
          const layer = conv2d({ filters: 3, ...options })
          const { output } = layer.plan(inputShape, rows, 'training')
          const x = drawn(rows * size(inputShape), 1)
          const dy = drawn(rows * size(output), 2)

          expectGradientsToMatch(layer, { table, inputShape, rows, x, dy })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('an image too large for the cache goes band by band', () => {
    const inputShape = [16, 31, 30]
    const layer = conv2d({ filters: 16, kernelSize: [3, 3], padding: 'same' })
    const [x, dy] = [drawn(16 * 31 * 30, 1), drawn(16 * 31 * 30, 2)]

    expectGradientsToMatch(layer, { table, inputShape, rows: 1, x, dy })
  })
})

test('tiles are for 3 x 3 in steps of one, between sixteen channels or more', () => {
  const tilesOf = (I: number, O: number, side: number, stride: number, G = 1) => {
    const window = planWindow('test', [I, 30, 30], {
      size: [side, side],
      stride: [stride, stride],
      padding: [0, 0],
    })
    return convolutionSizes(I, O, G, window).tiles
  }

  expect(tilesOf(16, 16, 3, 1)?.forward).toEqual({ TH: 14, TW: 14, rows: 7, images: 1 })
  expect(tilesOf(15, 16, 3, 1)).toBeNull()
  expect(tilesOf(16, 15, 3, 1)).toBeNull()
  expect(tilesOf(16, 16, 5, 1)).toBeNull()
  expect(tilesOf(16, 16, 3, 2)).toBeNull()
  expect(tilesOf(16, 16, 3, 1, 16)).toBeNull()
})
