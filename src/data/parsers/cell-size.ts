/** @file Limits on the size of a cell and of a row, so that no file can fill the memory with one. */
import { DataError } from '../data-error.ts'

/** Of one cell of a dataset, as for inline rows. */
export const maxCellBytes = 65_536

/** A row is kept whole while it is read. 16 million characters are 1,600 for each of 10,000 columns. */
export const maxRowCharacters = 16 * 2 ** 20

const encoder = new TextEncoder()

export function checkCellSize(text: string, maxBytes: number, row: number, column: string): void {
  // No character of JavaScript's takes more than 3 bytes of UTF-8, so most need no counting.
  if (text.length * 3 <= maxBytes) return
  const bytes = text.length > maxBytes ? text.length : encoder.encode(text).length
  if (bytes <= maxBytes) return
  const least = text.length > maxBytes ? 'at least ' : ''
  throw new DataError(`expected a cell of at most ${maxBytes} bytes, got ${least}${bytes}.`, {
    row,
    column,
  })
}
