/**
 * @file The Range header (RFC 9110, section 14): one range of bytes. What is not understood, and more
 * than one range, is passed over as the RFC allows: the whole file is a right answer to it.
 */
import type { BlobRange } from '../../store/blobs/read-blob.ts'

/** null: the whole file. `unsatisfiable`: no byte of the file lies in the range. */
export function rangeOf(
  header: string | undefined,
  bytes: number,
): BlobRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? []
  if (first === undefined || (first === '' && last === '')) return null
  if (first === '') return lastBytes(Number(last), bytes)
  const start = Number(first)
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes)
  if (last !== '' && Number(last) < start) return null
  return start < bytes ? { start, end } : 'unsatisfiable'
}

function lastBytes(count: number, bytes: number): BlobRange | 'unsatisfiable' {
  if (count === 0 || bytes === 0) return 'unsatisfiable'
  return { start: Math.max(0, bytes - count), end: bytes }
}
