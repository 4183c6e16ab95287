/**
 * @file A whole table in memory, column by column, for training: only the columns that the spec asks
 * for, in typed arrays whose size the profile gives beforehand.
 */
import type { DatasetFormat, TableProfile } from '../contract/datasets.ts'
import { type ColumnValues, type ColumnWriter, createColumnWriter } from './column-values.ts'
import { DataError } from './data-error.ts'
import { maxCellBytes } from './parsers/cell-size.ts'
import { createTableParser } from './parsers/table-parser.ts'

export interface Table {
  readonly rows: number
  readonly columns: ReadonlyMap<string, ColumnValues>
}

/** Parsed between two signs of life: about 2 ms of CSV. */
const pieceBytes = 64 * 1024

/** `bytes` may lie in shared memory. `onProgress` is called after each piece, and may throw to end it. */
export function readTable(
  format: DatasetFormat,
  bytes: Uint8Array,
  profile: TableProfile,
  columns: ReadonlySet<string>,
  onProgress: () => void = () => {},
): Table {
  if (format === 'text' || format === 'idx') {
    throw new DataError(
      `The dataset is ${format === 'text' ? 'plain text' : 'images'}. Expected a table.`,
    )
  }
  const wanted = profile.columns.filter(({ name }) => columns.has(name))
  const writers = wanted.map((column) => createColumnWriter(column, profile.rows))
  let places: { writer: ColumnWriter; index: number }[] = []
  let knownNames = -1
  let row = 0

  const parser = createTableParser(format, {
    maxColumns: profile.columns.length,
    maxCellBytes,
    onRow(cells, names) {
      if (names.length !== knownNames) {
        places = writers.map((writer, i) => ({ writer, index: names.indexOf(wanted[i].name) }))
        knownNames = names.length
      }
      for (const { writer, index } of places) writer.set(row, cells[index] ?? null)
      row += 1
    },
  })

  for (let from = 0; from < bytes.length; from += pieceBytes) {
    parser.write(bytes.subarray(from, from + pieceBytes))
    onProgress()
  }
  parser.end()
  if (row !== profile.rows) {
    const expected = `the ${profile.rows} rows that it had when it was uploaded`
    throw new DataError(`The file does not have ${expected}, but ${row}.`)
  }
  const values = wanted.map(({ name }, i) => [name, writers[i].values] as const)
  return { rows: profile.rows, columns: new Map(values) }
}

export function columnOf({ columns }: Table, name: string): ColumnValues {
  const column = columns.get(name)
  if (column === undefined) throw new DataError('the column was not read.', { column: name })
  return column
}

export function numbersOf(table: Table, name: string): Float64Array {
  const column = columnOf(table, name)
  if (column.type === 'numeric') return column.values
  throw new DataError(`expected numbers, got a ${column.type} column.`, { column: name })
}
