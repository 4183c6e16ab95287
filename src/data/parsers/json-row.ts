/**
 * @file One JSON object to one row. Keys are columns; a key that is absent, null or "" is a missing
 * value. Nothing may be nested, and no key may stand twice: JSON would silently drop the first.
 */
import { isStorableText } from '../../contract/common.ts'
import type { Cell } from '../../contract/datasets.ts'
import { DataError, quoted } from '../data-error.ts'
import { checkCellSize } from './cell-size.ts'
import type { ColumnNames } from './column-names.ts'

/** Cells by position in `columns`, which grows by the keys that are new. */
export function cellsOfJsonRow(
  text: string,
  row: number,
  columns: ColumnNames,
  maxCellBytes: number,
): Cell[] {
  const object = parseObject(text, row)
  const keys = Object.keys(object)
  if (keys.length !== countKeys(text)) {
    const came = `a key stands twice in ${quoted(text.trim())}`
    throw new DataError(`${came}. Give every key a name of its own.`, { row })
  }
  const cells = new Array<Cell>(columns.names.length).fill(null)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    // Most files have their keys in one order, so the first guess is nearly always right.
    const index = columns.names[i] === key ? i : (columns.indexOf(key) ?? columns.add(key))
    cells[index] = cellOf(object[key], row, key, maxCellBytes)
  }
  return cells
}

function parseObject(text: string, row: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const came = quoted(text.trim())
    throw new DataError(`expected a JSON object like {"x": 1}, got ${came}.`, { row })
  }
  if (isObject(value)) return value
  throw new DataError(`expected a JSON object like {"x": 1}, got ${quoted(text.trim())}.`, { row })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cellOf(value: unknown, row: number, column: string, maxCellBytes: number): Cell {
  if (value === null || value === '') return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new DataError('expected a number of at most 1.8e308, got a larger one.', { row, column })
  }
  if (typeof value !== 'string') {
    const kind = Array.isArray(value) ? 'a list' : 'an object'
    const expected = 'expected text, a number, true, false or null'
    throw new DataError(`${expected}, got ${kind}.`, { row, column })
  }
  checkCellSize(value, maxCellBytes, row, column)
  if (isStorableText(value)) return value
  throw new DataError('expected text without NUL or half a surrogate pair.', { row, column })
}

const [quote, backslash, colon, openBrace, closeBrace, openBracket, closeBracket] = [
  ...'"\\:{}[]',
].map((character) => character.charCodeAt(0))

/** Keys of the outermost object of valid JSON, repeated ones counted each time. */
function countKeys(text: string): number {
  let keys = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === quote) {
      for (i += 1; text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i += 1
    } else if (code === colon) {
      if (depth === 1) keys += 1
    } else if (code === openBrace || code === openBracket) depth += 1
    else if (code === closeBrace || code === closeBracket) depth -= 1
  }
  return keys
}
