/** @file Reads a whole file as the parsing thread does, in pieces of a chosen size. */
import type { Cell, DatasetFormat, TableProfile } from '../../../src/contract/datasets.ts'
import { maxCellBytes } from '../../../src/data/parsers/cell-size.ts'
import { createTableParser, type TableFormat } from '../../../src/data/parsers/table-parser.ts'
import { createDatasetReader } from '../../../src/data/profile/dataset-reader.ts'
import { readTable, type Table } from '../../../src/data/table.ts'

export function bytesOf(file: string | Uint8Array): Uint8Array {
  return typeof file === 'string' ? new TextEncoder().encode(file) : file
}

export function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

export interface ParsedTable {
  readonly columns: readonly string[]
  readonly rows: Cell[][]
}

export function parseTable(
  format: TableFormat,
  file: string | Uint8Array,
  pieceSize = 65_536,
): ParsedTable {
  const rows: Cell[][] = []
  const parser = createTableParser(format, {
    maxColumns: 10_000,
    maxCellBytes,
    onRow: (cells) => rows.push([...cells]),
  })
  for (const piece of pieces(bytesOf(file), pieceSize)) parser.write(piece)
  const { columns } = parser.end()
  return { columns, rows }
}

export function readDataset(
  format: DatasetFormat,
  file: string | Uint8Array,
  maxColumns = 10_000,
  pieceSize = 65_536,
) {
  const reader = createDatasetReader(format, { maxColumns })
  for (const piece of pieces(bytesOf(file), pieceSize)) reader.write(piece)
  return reader.end()
}

export function profileOf(format: TableFormat, file: string | Uint8Array): TableProfile {
  const { profile } = readDataset(format, file)
  if (profile.kind !== 'table') throw new Error('expected a table')
  return profile
}

/** All columns that can be turned into numbers. */
export function tableOf(format: TableFormat, file: string): Table {
  const profile = profileOf(format, file)
  const columns = profile.columns.filter(({ type }) => type !== 'text').map(({ name }) => name)
  return readTable(format, bytesOf(file), profile, new Set(columns))
}
