/**
 * @file The header of an IDX file, the format of MNIST: a magic number that says what is in it and in
 * how many dimensions, then their sizes. Numbers are big-endian.
 *
 *   images   0x00000803  N, height, width            or  0x00000804  N, channels, height, width
 *   labels   0x00000801  N
 *
 * Reference: https://yann.lecun.org/exdb/mnist/
 */
import { DataError } from '../data-error.ts'

export type IdxPart = 'images' | 'labels'

export interface IdxHeader {
  readonly bytes: number
  readonly sizes: readonly number[]
  /** What comes after the header. */
  readonly dataBytes: number
}

/** Of any header that is accepted. */
export const maxHeaderBytes = 4 + 4 * 4

const magics = {
  images: [0x0803, 0x0804],
  labels: [0x0801],
} as const satisfies Record<IdxPart, readonly number[]>

/** Larger than any dataset that could be stored: sizes that multiply to more are a broken header. */
const maxDataBytes = 2 ** 40

/** null as long as there are too few bytes. Throws DataError for what is no such header. */
export function readIdxHeader(part: IdxPart, bytes: Uint8Array): IdxHeader | null {
  if (bytes.length < 4) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = view.getUint32(0)
  const dimensions = magic & 0xff
  if (!magics[part].some((expected) => expected === magic)) throw notIdx(part, magic)
  const headerBytes = 4 + 4 * dimensions
  if (bytes.length < headerBytes) return null
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i))
  const dataBytes = sizes.reduce((product, size) => product * size, 1)
  if (sizes.includes(0) || dataBytes > maxDataBytes) {
    const came = `the header of the ${part} says ${sizes.join(' × ')}`
    throw new DataError(`${came}; expected sizes of at least 1 that a file can have.`)
  }
  return { bytes: headerBytes, sizes, dataBytes }
}

function notIdx(part: IdxPart, magic: number): DataError {
  const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`
  const expected = magics[part].map(hex).join(' or ')
  const came = `the ${part} are no IDX file of unsigned bytes: expected the magic number ${expected}, got ${hex(magic)}`
  if (magic >>> 16 !== 0x1f8b) return new DataError(`${came}.`)
  const hint = 'gzip is decompressed when the files are the parts of a form'
  return new DataError(`${came}, which is gzip; ${hint}.`)
}
