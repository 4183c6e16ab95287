/** @file What the network is to put out for rows of a table. */
import type { TablePreprocessing } from '../../contract/preprocessing.ts'
import { categoryCodes } from '../class-codes.ts'
import { DataError } from '../data-error.ts'
import { columnOf, numbersOf, type Table } from '../table.ts'

/** The index of the class, (rows), also 0 or 1 for two of them; or scaled quantities, (rows, columns). */
export function encodeTargets(
  { target }: TablePreprocessing,
  table: Table,
  rows: Uint32Array,
): Float32Array {
  if (target.task === 'classification') {
    const codes = categoryCodes(columnOf(table, target.column), target.classes)
    return Float32Array.from(rows, (row) => {
      if (codes[row] >= 0) return codes[row]
      const place = { row: row + 1, column: target.column }
      throw new DataError('expected a class of the training dataset, got none of them.', place)
    })
  }
  const width = target.columns.length
  const encoded = new Float32Array(rows.length * width)
  for (const [i, { column, offset, scale }] of target.columns.entries()) {
    const values = numbersOf(table, column)
    for (let n = 0; n < rows.length; n++)
      encoded[n * width + i] = (values[rows[n]] - offset) / scale
  }
  return encoded
}
