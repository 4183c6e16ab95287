/**
 * @file Raw rows of a prediction as the network sees them. They mean what they would have meant in
 * the dataset: null, "", and in a CSV also "NA", are missing values; "2.50" is a number.
 *
 * Every feature must be there, at least as null. Other columns are ignored, so that rows of the
 * dataset can be sent as they stand. A category that training has not seen is all zeros.
 */
import type { Cell } from '../../contract/datasets.ts'
import type { PredictRow } from '../../contract/predictions.ts'
import type { FeatureEncoding, TablePreprocessing } from '../../contract/preprocessing.ts'
import { DataError, quoted } from '../data-error.ts'
import { isMissingWord, numberOf } from '../parsers/csv-cell.ts'
import { truthOf } from '../words.ts'
import { featureWidth, indicatorOffset } from './feature-width.ts'

/** Returns (rows, inputs). */
export function encodeRows(
  preprocessing: TablePreprocessing,
  rows: readonly PredictRow[],
): Float32Array {
  const { inputs, features } = preprocessing
  const encoded = new Float32Array(rows.length * inputs)
  const encoders = encodersOf(features)
  for (const [n, row] of rows.entries()) {
    checkComplete(row, features, n + 1)
    for (const { feature, at, encode } of encoders) {
      const values = encoded.subarray(n * inputs + at, n * inputs + at + featureWidth(feature))
      const cell = row[feature.column]
      const complaint = isList(cell)
        ? `expected one value, got ${quoted(cell)}.`
        : encode(cell, values)
      if (complaint !== null) {
        throw new DataError(complaint, { row: n + 1, column: feature.column })
      }
    }
  }
  return encoded
}

function isList(cell: PredictRow[string]): cell is number[] {
  return Array.isArray(cell)
}

/** Writes the numbers of one cell, all 0 beforehand; returns what is wrong with it, or null. */
type CellEncoder = (cell: Cell, values: Float32Array) => string | null

function encodersOf(features: readonly FeatureEncoding[]) {
  let at = 0
  return features.map((feature) => {
    const encoder = { feature, at, encode: encoderOf(feature) }
    at += featureWidth(feature)
    return encoder
  })
}

function checkComplete(row: PredictRow, features: readonly FeatureEncoding[], place: number): void {
  const absent = features.filter(({ column }) => !Object.hasOwn(row, column))
  if (absent.length === 0) return
  const names = absent.slice(0, 10).map(({ column }) => quoted(column))
  const more = absent.length > 10 ? ` and ${absent.length - 10} more` : ''
  const came = `expected a value or null for ${names.join(', ')}${more}, got nothing`
  throw new DataError(`${came}. Send every column that the network was trained on.`, {
    row: place,
    column: absent[0].column,
  })
}

function encoderOf(feature: FeatureEncoding): CellEncoder {
  switch (feature.type) {
    case 'numeric':
      return (cell, values) => {
        const number = numberIn(cell)
        if (number === undefined) return `expected a number, got ${quoted(cell)}.`
        values[0] = ((number ?? feature.impute) - feature.offset) / feature.scale
        if (number === null) markMissing(feature, values)
        return Number.isFinite(values[0]) ? null : `${number} is too large to compute with.`
      }
    case 'boolean':
      return (cell, values) => {
        const missing = isMissing(cell)
        const truth = missing ? null : truthOf(String(cell))
        if (!missing && truth === null) return `expected true or false, got ${quoted(cell)}.`
        values[0] = truth === null ? 0.5 : Number(truth.value)
        if (missing) markMissing(feature, values)
        return null
      }
    case 'categorical': {
      const codeOf = new Map(feature.categories.map((category, code) => [category, code]))
      return (cell, values) => {
        const code = codeIn(cell, codeOf)
        if (code !== undefined && feature.seen[code]) values[code] = 1
        if (code === undefined && isMissing(cell)) markMissing(feature, values)
        return null
      }
    }
    default:
      return feature satisfies never
  }
}

function markMissing(feature: FeatureEncoding, values: Float32Array): void {
  if (feature.missing_indicator) values[indicatorOffset(feature)] = 1
}

function isMissing(cell: Cell): boolean {
  return cell === null || (typeof cell === 'string' && isMissingWord(cell))
}

/** null where it is missing, undefined where it is no number. */
function numberIn(cell: Cell): number | null | undefined {
  if (isMissing(cell)) return null
  const value = typeof cell === 'string' ? numberOf(cell) : cell
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** As it stands, or else as a number: a CSV's "02.50" is the category "2.5". */
function codeIn(cell: Cell, codeOf: ReadonlyMap<string, number>): number | undefined {
  const text = String(cell)
  if (cell === null || codeOf.has(text)) return cell === null ? undefined : codeOf.get(text)
  const number = typeof cell === 'string' ? numberOf(cell) : null
  return number === null ? undefined : codeOf.get(String(number))
}
