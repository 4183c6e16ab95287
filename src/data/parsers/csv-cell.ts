/**
 * @file What the text of a CSV cell means: a missing value, a number, or text as it stands.
 *
 * Predictions read strings by the same rules, so that a row means there what it meant in the file.
 */
import type { Cell } from '../../contract/datasets.ts'

const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null'])

/** Empty, NA, N/A, NaN or null, in any case and with any space around. */
export function isMissingWord(text: string): boolean {
  return missingWords.has(text.trim().toLowerCase())
}

/** A decimal number, or null for text that is none. Hexadecimal, Infinity and 1e999 are none. */
export function numberOf(text: string): number | null {
  const value = Number(text)
  if (!Number.isFinite(value)) return null
  const trimmed = text.trimStart()
  if (trimmed === '') return null // Number('') is 0
  const marker = trimmed.charCodeAt(1) | 0x20 // 0x10, 0o7, 0b1: JavaScript's, nobody's data
  return marker === 0x78 || marker === 0x6f || marker === 0x62 ? null : value
}

const nine = '9'.charCodeAt(0)
const lastAscii = 0x7f

export function csvCell(text: string): Cell {
  if (text === '') return null
  // A number begins with a digit, a sign, a point or a blank, and of ASCII none of them comes after 9,
  // where words do; beyond it there are blanks again, such as the no-break space.
  const first = text.charCodeAt(0)
  if (first <= nine || first > lastAscii) {
    const value = numberOf(text)
    if (value !== null) return value
    return isMissingWord(text) ? null : text
  }
  return isMissingStart(first) && isMissingWord(text) ? null : text
}

/** n or N: saves most words the closer look. */
function isMissingStart(code: number): boolean {
  return (code | 0x20) === 0x6e
}
