/**
 * @file CSV to rows, strictly: a header, then rows of exactly as many cells. Quotes are doubled
 * inside quotes; lines end in LF, CRLF or CR; blank lines do not count; the delimiter is that of the
 * header. A file that breaks these rules is refused at the row where it does.
 */
import type { CsvError } from 'csv-parse'

import type { Cell } from '../../contract/datasets.ts'
import { DataError, quoted } from '../data-error.ts'
import { checkCellSize, maxRowCharacters } from './cell-size.ts'
import { createColumnNames } from './column-names.ts'
import { csvCell } from './csv-cell.ts'
import { createCsvRecords } from './csv-records.ts'
import type { TableParser, TableParserOptions } from './parser.ts'
import { createUtf8Decoder } from './utf8-decoder.ts'

export function createCsvParser({
  maxColumns,
  maxCellBytes,
  onRow,
}: TableParserOptions): TableParser {
  const columns = createColumnNames(maxColumns, () => undefined)
  let rows = -1 // the header is the first record

  function onRecord(record: readonly string[]): void {
    rows += 1
    if (rows === 0) {
      for (const name of record) columns.add(name.trim())
      return
    }
    checkWidth(record, columns.names, rows)
    const cells = new Array<Cell>(record.length)
    for (let i = 0; i < record.length; i++) {
      checkCellSize(record[i], maxCellBytes, rows, columns.names[i])
      cells[i] = csvCell(record[i])
    }
    onRow(cells, columns.names)
  }

  const records = createCsvRecords({
    onRecord,
    errorOf: (error) => describe(error, columns.names, rows),
  })

  function rowNow(): number | undefined {
    records.flush()
    return rows < 0 ? undefined : rows + 1
  }
  const decoder = createUtf8Decoder({ onText: records.write, rowNow })

  return {
    write: decoder.write,
    end() {
      decoder.end()
      records.end()
      if (rows < 0) throw new DataError('The file is empty. Expected a header line and rows.')
      if (rows === 0) throw new DataError('The file has a header but no rows.')
      return { columns: columns.names, rows }
    },
  }
}

function checkWidth(record: readonly string[], columns: readonly string[], row: number): void {
  if (record.length === columns.length) return
  const cells = record.length === 1 ? '1 cell' : `${record.length} cells`
  const came = `expected ${columns.length} cells, as in the header, got ${cells}`
  const hint =
    record.length < columns.length
      ? 'Is the row cut off, or separated otherwise than the header?'
      : 'A cell that holds the delimiter must stand in quotes.'
  throw new DataError(`${came}. ${hint}`, {
    row,
    column: columns[record.length],
  })
}

/** The parser's codes in our words, with the place. It has not counted the row that it failed in. */
function describe(error: CsvError, columns: readonly string[], rows: number): DataError {
  const isInHeader = rows < 0
  const row = isInHeader ? undefined : rows + 1
  const place = { row, column: columns[Number(error.column)], isInHeader }
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new DataError('a quote is opened here and never closed.', place)
    case 'CSV_INVALID_CLOSING_QUOTE': {
      const came = 'a quoted cell goes on after its closing quote'
      return new DataError(`${came}. Write a quote inside quotes twice.`, place)
    }
    case 'INVALID_OPENING_QUOTE': {
      const came = `there is a quote inside the cell that starts with ${quoted(String(error.field))}`
      return new DataError(`${came}. Put the cell in quotes, and write those inside twice.`, place)
    }
    case 'CSV_MAX_RECORD_SIZE': {
      const expected = `expected a row of at most ${maxRowCharacters} characters, got more`
      return new DataError(`${expected}. Is a quote left open?`, place)
    }
    default:
      return new DataError(`this is no valid CSV: ${error.code}.`, place)
  }
}
