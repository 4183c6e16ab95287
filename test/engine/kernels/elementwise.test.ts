import { describe, expect, test } from 'vitest'

import { kernelTables } from '../kernel-tables.ts'

describe.each(kernelTables)('whole-array kernels of $name', (table) => {
  const { kernels, array, arrayOf } = table.open('float32')

  // Short and long arrays may take different ways.
  test.each([1, 16, 64, 65, 1000])('%d elements, and none beyond', (n) => {
    const values = arrayOf(Array.from({ length: n + 1 }, (_, i) => (i % 7) - 2))
    const first = Array.from(values.subarray(0, n))
    const total = first.reduce((sum, value) => sum + value, 0)
    const squares = first.reduce((sum, value) => sum + value * value, 0)
    const last = values[n]

    expect(kernels.sum(values, n)).toBe(total)
    expect(kernels.sumOfSquares(values, n)).toBe(squares)

    const copied = array(n + 1).fill(9)
    kernels.copy(copied, values, n)
    expect(Array.from(copied)).toEqual([...first, 9])

    kernels.scale(values, 2, n)
    expect(Array.from(values)).toEqual([...copied.subarray(0, n).map((v) => 2 * v), last])

    kernels.clear(values.subarray(0, n), n)
    expect(Array.from(values)).toEqual([...new Float32Array(n), last])
  })

  test('rows are gathered in the order given, or as they come', () => {
    const source = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31)
    const y = array(4)
    kernels.gatherRows(y, source, Uint32Array.of(9, 3, 0), 1, 2, 2)
    expect(Array.from(y)).toEqual([30, 31, 0, 1])

    kernels.gatherRows(y, source, null, 1, 2, 2)
    expect(Array.from(y)).toEqual([10, 11, 20, 21])
  })
})
