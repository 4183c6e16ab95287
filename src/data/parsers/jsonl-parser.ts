/**
 * @file JSON Lines to rows: one object per line; blank lines do not count. Columns are the union of
 * all keys, in order of first appearance.
 */
import { DataError, quoted } from '../data-error.ts'
import { maxRowCharacters } from './cell-size.ts'
import { createColumnNames } from './column-names.ts'
import { cellsOfJsonRow } from './json-row.ts'
import type { TableParser, TableParserOptions } from './parser.ts'
import { createUtf8Decoder } from './utf8-decoder.ts'

export function createJsonlParser(options: TableParserOptions): TableParser {
  let rows = 0
  let line = ''
  const columns = createColumnNames(options.maxColumns, () => rows)
  const decoder = createUtf8Decoder({ onText, rowNow: () => rows + 1 })

  function onText(text: string): void {
    let from = 0
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      onLine(line + text.slice(from, to))
      line = ''
      from = to + 1
    }
    line += text.slice(from)
    if (line.length > maxRowCharacters) {
      const came = `expected a line of at most ${maxRowCharacters} characters, got more`
      throw new DataError(`${came}. Put every object on a line of its own.`, { row: rows + 1 })
    }
  }

  function onLine(text: string): void {
    const trimmed = text.trim()
    if (trimmed === '') return
    rows += 1
    if (rows === 1 && trimmed.startsWith('[')) {
      const came = `expected a JSON object like {"x": 1} on each line, got ${quoted(trimmed)}`
      throw new DataError(`${came}. Send a JSON list as application/json.`, { row: 1 })
    }
    options.onRow(cellsOfJsonRow(trimmed, rows, columns, options.maxCellBytes), columns.names)
  }

  return {
    write: decoder.write,
    end() {
      decoder.end()
      onLine(line)
      if (rows === 0) throw new DataError('The file is empty. Expected a JSON object per line.')
      return { columns: columns.names, rows }
    },
  }
}
