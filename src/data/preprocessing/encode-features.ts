/** @file Rows of a table as the network sees them. */
import type { FeatureEncoding, TablePreprocessing } from '../../contract/preprocessing.ts'
import { categoryCodes } from '../class-codes.ts'
import { type ColumnValues, missingBoolean, missingCode } from '../column-values.ts'
import { DataError } from '../data-error.ts'
import { columnOf, type Table } from '../table.ts'
import { featureWidth, indicatorOffset } from './feature-width.ts'

/** `rows` are indexes from 0, in the order that they come out. Returns (rows, inputs). */
export function encodeFeatures(
  preprocessing: TablePreprocessing,
  table: Table,
  rows: Uint32Array,
): Float32Array {
  const { inputs, features } = preprocessing
  const encoded = new Float32Array(rows.length * inputs)
  let at = 0
  for (const feature of features) {
    const write = writerOf(feature, columnOf(table, feature.column))
    for (let n = 0; n < rows.length; n++) write(encoded, n * inputs + at, rows[n])
    at += featureWidth(feature)
  }
  return encoded
}

/** Writes the numbers of one feature of one row, from index `at` on. All are 0 beforehand. */
type FeatureWriter = (encoded: Float32Array, at: number, row: number) => void

function writerOf(feature: FeatureEncoding, column: ColumnValues): FeatureWriter {
  const indicator = feature.missing_indicator ? indicatorOffset(feature) : null
  if (feature.type === 'numeric' && column.type === 'numeric') {
    const { offset, scale, impute } = feature
    return (encoded, at, row) => {
      const value = column.values[row]
      const missing = Number.isNaN(value)
      encoded[at] = ((missing ? impute : value) - offset) / scale
      if (missing && indicator !== null) encoded[at + indicator] = 1
    }
  }
  if (feature.type === 'boolean' && column.type === 'boolean') {
    return (encoded, at, row) => {
      const missing = column.values[row] === missingBoolean
      encoded[at] = missing ? 0.5 : column.values[row]
      if (missing && indicator !== null) encoded[at + indicator] = 1
    }
  }
  if (feature.type === 'categorical' && column.type === 'categorical') {
    const codes = categoryCodes(column, feature.categories)
    return (encoded, at, row) => {
      const code = codes[row]
      if (code >= 0 && feature.seen[code]) encoded[at + code] = 1
      if (indicator !== null && column.codes[row] === missingCode) encoded[at + indicator] = 1
    }
  }
  const came = `expected a ${feature.type} column, got a ${column.type} one`
  throw new DataError(`${came}.`, { column: feature.column })
}
