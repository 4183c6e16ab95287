/**
 * @file The values of one column, packed by type, and how cells become them. A reader gets the same
 * cells as the profile was made from, so what does not fit the type is a broken file.
 */
import type { Cell, Column } from '../contract/datasets.ts'
import { DataError, quoted } from './data-error.ts'
import { truthOf } from './words.ts'

export type ColumnValues =
  /** NaN where missing. */
  | { readonly type: 'numeric'; readonly values: Float64Array }
  /** 0 or 1; `missingBoolean` where missing. `categories` has the words for both. */
  | {
      readonly type: 'boolean'
      readonly values: Uint8Array
      readonly categories: readonly string[]
    }
  /** Indexes into `categories`; `missingCode` where missing. */
  | {
      readonly type: 'categorical'
      readonly codes: Int32Array
      readonly categories: readonly string[]
    }

export const missingBoolean = 255
export const missingCode = -1

export interface ColumnWriter {
  readonly values: ColumnValues
  /** `row` counts from 0 here. */
  set(row: number, cell: Cell): void
}

export function createColumnWriter(column: Column, rows: number): ColumnWriter {
  switch (column.type) {
    case 'numeric':
      return numericWriter(column, rows)
    case 'boolean':
      return booleanWriter(column, rows)
    case 'categorical':
      return categoricalWriter(column, rows)
    case 'text':
      throw new DataError('text cannot be turned into numbers.', { column: column.name })
    default:
      return column.type satisfies never
  }
}

function numericWriter({ name }: Column, rows: number): ColumnWriter {
  const values = new Float64Array(rows)
  return {
    values: { type: 'numeric', values },
    set(row, cell) {
      if (typeof cell === 'number') values[row] = cell
      else if (cell === null) values[row] = Number.NaN
      else throw unexpected(cell, 'a number', row, name)
    },
  }
}

function booleanWriter({ name, categories }: Column, rows: number): ColumnWriter {
  const values = new Uint8Array(rows)
  const yesNo = categories?.some((word) => word === 'yes' || word === 'no')
  return {
    values: { type: 'boolean', values, categories: yesNo ? ['no', 'yes'] : ['false', 'true'] },
    set(row, cell) {
      const truth = cell === null ? null : truthOf(String(cell))
      if (truth) values[row] = truth.value ? 1 : 0
      else if (cell === null) values[row] = missingBoolean
      else throw unexpected(cell, 'true or false', row, name)
    },
  }
}

function categoricalWriter({ name, categories }: Column, rows: number): ColumnWriter {
  const codes = new Int32Array(rows)
  const known = categories ?? []
  const codeOf = new Map(known.map((category, code) => [category, code]))
  return {
    values: { type: 'categorical', codes, categories: known },
    set(row, cell) {
      const code = cell === null ? missingCode : codeOf.get(String(cell))
      if (code === undefined) throw unexpected(cell, 'a known category', row, name)
      codes[row] = code
    },
  }
}

function unexpected(cell: Cell, expected: string, row: number, column: string): DataError {
  return new DataError(`expected ${expected}, got ${quoted(cell)}.`, { row: row + 1, column })
}
