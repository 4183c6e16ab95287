import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { loadRows, type RowSource } from '../../../src/engine/index.ts'

interface Range {
  readonly order?: Uint32Array
  readonly start?: number
  readonly rows?: number
  readonly width?: number
}

function load(source: RowSource, { order, start = 0, rows = 1, width = 1 }: Range): number[] {
  const y = new Float32Array(rows * width).fill(-7)
  loadRows(y, source, order ?? null, start, rows, width)
  return Array.from(y)
}

const arrays = [Float32Array, Float64Array, Uint8Array, Uint16Array, Uint32Array] as const

describe.each(arrays.map((type) => [type.name, type] as const))('rows of a %s', (_name, type) => {
  const values = type.from([0, 1, 2, 3, 4, 5, 6, 7])

  test('in the order of the array, from the one that is asked for', () => {
    expect(load({ values }, { start: 1, rows: 2, width: 2 })).toEqual([2, 3, 4, 5])
  })

  test('in another order', () => {
    const order = Uint32Array.of(0, 3, 1)
    expect(load({ values }, { order, start: 1, rows: 2, width: 2 })).toEqual([6, 7, 2, 3])
  })

  test('as windows that overlap', () => {
    const windows = load({ values, stride: 1 }, { start: 2, rows: 3, width: 3 })
    expect(windows).toEqual([2, 3, 4, 3, 4, 5, 4, 5, 6])
  })

  test('scaled, then moved', () => {
    const source = { values, scale: 0.5, offset: -1 }
    expect(load(source, { rows: 2, width: 2 })).toEqual([-1, -0.5, 0, 0.5])
  })

  test('as the formula says, whatever the numbers', () => {
    const range = { start: fc.nat(20), rows: fc.integer({ min: 1, max: 9 }) }
    const layout = {
      width: fc.integer({ min: 1, max: 9 }),
      stride: fc.integer({ min: 1, max: 12 }),
    }
    const numbers = {
      scale: fc.integer({ min: -3, max: 3 }),
      offset: fc.integer({ min: -9, max: 9 }),
    }
    fc.assert(
      fc.property(fc.record({ ...range, ...layout, ...numbers }), (given) => {
        const { start, rows, width, stride, scale, offset } = given
        const length = (start + rows - 1) * stride + width
        const source = {
          values: type.from(Array.from({ length }, (_, i) => i % 251)),
          stride,
          scale,
          offset,
        }
        const expected = Array.from({ length: rows * width }, (_, at) => {
          const row = start + Math.floor(at / width)
          return source.values[row * stride + (at % width)] * scale + offset
        })
        expect(load(source, { start, rows, width }).map((x) => x + 0)).toEqual(
          expected.map((x) => x + 0),
        )
      }),
      { numRuns: 50 },
    )
  })
})

test('floats keep every bit, the sign of a zero too', () => {
  const [zero] = load({ values: Float32Array.of(-0) }, {})
  expect(Object.is(zero, -0)).toBe(true)
})
