import { describe, expect, test } from 'vitest'

import { kernelTables } from '../kernel-tables.ts'

describe.each(kernelTables)('whole-array kernels of $name', (kernels) => {
  // Short and long arrays may take different ways.
  test.each([1, 16, 64, 65, 1000])('%d elements, and none beyond', (n) => {
    const values = Float32Array.from({ length: n + 1 }, (_, i) => (i % 7) - 2)
    const first = values.subarray(0, n)
    const total = first.reduce((sum, value) => sum + value, 0)
    const squares = first.reduce((sum, value) => sum + value * value, 0)
    const last = values[n]

    expect(kernels.sum(values, n)).toBe(total)
    expect(kernels.sumOfSquares(values, n)).toBe(squares)

    const copied = new Float32Array(n + 1).fill(9)
    kernels.copy(copied, values, n)
    expect(copied).toEqual(Float32Array.of(...first, 9))

    kernels.scale(values, 2, n)
    expect(values).toEqual(Float32Array.of(...copied.subarray(0, n).map((v) => 2 * v), last))

    kernels.clear(values.subarray(0, n), n)
    expect(values).toEqual(Float32Array.of(...new Float32Array(n), last))
  })

  test('rows are gathered in the order given, or as they come', () => {
    const source = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31)
    const y = new Float32Array(4)
    kernels.gatherRows(y, source, Uint32Array.of(9, 3, 0), 1, 2, 2)
    expect(Array.from(y)).toEqual([30, 31, 0, 1])

    kernels.gatherRows(y, source, null, 1, 2, 2)
    expect(Array.from(y)).toEqual([10, 11, 20, 21])
  })
})
