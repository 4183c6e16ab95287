/**
 * @file A JSON list of objects to rows, while it arrives. Columns are the union of all keys, in order
 * of first appearance.
 */
import { DataError } from '../data-error.ts'
import { createColumnNames } from './column-names.ts'
import { createJsonElements } from './json-elements.ts'
import { cellsOfJsonRow } from './json-row.ts'
import type { TableParser, TableParserOptions } from './parser.ts'
import { createUtf8Decoder } from './utf8-decoder.ts'

export function createJsonParser(options: TableParserOptions): TableParser {
  let rows = 0
  const columns = createColumnNames(options.maxColumns, () => rows)
  const elements = createJsonElements((text) => {
    rows += 1
    options.onRow(cellsOfJsonRow(text, rows, columns, options.maxCellBytes), columns.names)
  })
  const decoder = createUtf8Decoder({ onText: elements.write, rowNow: () => rows + 1 })

  return {
    write: decoder.write,
    end() {
      decoder.end()
      elements.end()
      if (rows === 0) throw new DataError('The list is empty. Expected at least one object.')
      return { columns: columns.names, rows }
    },
  }
}
