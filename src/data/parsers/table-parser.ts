/**
 * @file Files to rows, piece by piece: one parser per format, all with the same face.
 *
 * A row comes as cells by position. Its columns come along, since JSON may add some on the way; a
 * row that came before simply has fewer cells. Cells are null where a value is missing, and numbers
 * where the text of a CSV is a number.
 */
import type { DatasetFormat } from '../../contract/datasets.ts'
import { createCsvParser } from './csv-parser.ts'
import { createJsonParser } from './json-parser.ts'
import { createJsonlParser } from './jsonl-parser.ts'
import type { TableParser, TableParserOptions } from './parser.ts'

export type TableFormat = Exclude<DatasetFormat, 'text' | 'idx'>

const parsers: Record<TableFormat, (options: TableParserOptions) => TableParser> = {
  csv: createCsvParser,
  jsonl: createJsonlParser,
  json: createJsonParser,
}

/** Throws DataError from `write` and `end`; after that the parser is of no more use. */
export function createTableParser(format: TableFormat, options: TableParserOptions): TableParser {
  return parsers[format](options)
}
