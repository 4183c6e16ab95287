/** @file The class of every row, as an index into the classes of the task. */
import type { ColumnValues } from './column-values.ts'
import type { Table } from './table.ts'

/** Not a class: a missing value, or one that the classes do not have. */
const unknownClass = -1

export interface ClassTarget {
  readonly classes: readonly string[] | null
  readonly targetColumns: readonly string[]
}

/** undefined for regression, which has no classes. */
export function classCodes(
  table: Table,
  { classes, targetColumns }: ClassTarget,
): Int32Array | undefined {
  if (classes === null) return undefined
  const column = table.columns.get(targetColumns[0])
  return column && categoryCodes(column, classes)
}

/** For every row, where its value stands in `categories`, whatever the order in the column's own. */
export function categoryCodes(column: ColumnValues, categories: readonly string[]): Int32Array {
  const indexOf = new Map(categories.map((category, index) => [category, index]))
  if (column.type === 'numeric') {
    // By number rather than by text: printing each one would take longer than reading the file.
    const byValue = new Map([...indexOf].map(([text, index]) => [Number(text), index]))
    return Int32Array.from(column.values, (value) => byValue.get(value) ?? unknownClass)
  }
  const translation = column.categories.map((category) => indexOf.get(category) ?? unknownClass)
  const codes = column.type === 'boolean' ? column.values : column.codes
  return Int32Array.from(codes, (code) => translation[code] ?? unknownClass)
}
