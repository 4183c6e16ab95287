/** @file What the parsers of all formats have in common: bytes in, rows out, an end. */
import type { Cell } from '../../contract/datasets.ts'

export interface TableParserOptions {
  readonly maxColumns: number
  /** Of one cell, in UTF-8. */
  readonly maxCellBytes: number
  /** `columns` is the same list each time; in JSON it grows by the keys that are new. */
  onRow(cells: readonly Cell[], columns: readonly string[]): void
}

export interface TableParser {
  write(bytes: Uint8Array): void
  end(): { columns: string[]; rows: number }
}
