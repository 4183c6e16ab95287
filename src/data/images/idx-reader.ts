/**
 * @file Images and their labels, as two IDX files one after the other: checked and counted while they
 * come in, not kept.
 */
import type { ImageProfile, ImageShape } from '../../contract/datasets.ts'
import { DataError } from '../data-error.ts'
import { type IdxHeader, type IdxPart, maxHeaderBytes, readIdxHeader } from './idx-header.ts'

export interface IdxReader {
  write(bytes: Uint8Array): void
  end(): ImageProfile
}

/** Throws DataError from `write` and `end`. */
export function createIdxReader(): IdxReader {
  const headers = createHeaderReader()
  const counts = new Float64Array(256)
  let images: IdxHeader | null = null
  let labels: IdxHeader | null = null
  /** Of the data of the part that is being read. */
  let left = 0

  function readHeader(piece: Uint8Array): number {
    const part = images === null ? 'images' : 'labels'
    const { header, taken } = headers.read(part, piece)
    if (header === null) return taken
    left = header.dataBytes
    if (images === null) images = header
    else labels = checkCount(header, images)
    return taken
  }

  return {
    write(bytes) {
      let at = 0
      while (at < bytes.length) {
        if (left > 0) {
          const end = Math.min(bytes.length, at + left)
          if (labels !== null) for (let i = at; i < end; i++) counts[bytes[i]] += 1
          left -= end - at
          at = end
        } else if (labels === null) at += readHeader(bytes.subarray(at))
        else throw new DataError('There are more bytes than the header of the labels says.')
      }
    },

    end() {
      if (images !== null && labels !== null && left === 0) return profileOf(images, counts)
      throw endedEarly(images, labels, left, headers.isEmpty)
    },
  }
}

/** Gathers the bytes of a header, however they are cut. */
function createHeaderReader() {
  const bytes = new Uint8Array(maxHeaderBytes)
  let length = 0
  return {
    get isEmpty() {
      return length === 0
    },
    read(part: IdxPart, piece: Uint8Array): { header: IdxHeader | null; taken: number } {
      const before = length
      const some = piece.subarray(0, maxHeaderBytes - before)
      bytes.set(some, before)
      length += some.length
      const header = readIdxHeader(part, bytes.subarray(0, length))
      if (header) length = 0
      return { header, taken: header ? header.bytes - before : some.length }
    },
  }
}

function checkCount(labels: IdxHeader, images: IdxHeader): IdxHeader {
  const [count] = labels.sizes
  if (count === images.sizes[0]) return labels
  throw new DataError(`There are ${images.sizes[0]} images, but ${count} labels.`)
}

function endedEarly(
  images: IdxHeader | null,
  labels: IdxHeader | null,
  left: number,
  betweenParts: boolean,
): DataError {
  if (left > 0) {
    const part = labels === null ? 'images' : 'labels'
    return new DataError(`The ${part} end ${left} bytes before their header says.`)
  }
  if (images === null || !betweenParts) {
    return new DataError(
      `The ${images === null ? 'images' : 'labels'} end before their header does.`,
    )
  }
  const send = 'Send a form (multipart/form-data) with both files, as parts "images" and "labels"'
  return new DataError(`There are images but no labels. ${send}.`)
}

function profileOf({ sizes }: IdxHeader, counts: Float64Array): ImageProfile {
  const labels = Array.from(counts.keys()).filter((label) => counts[label] > 0)
  return {
    kind: 'images',
    rows: sizes[0],
    shape: shapeOf(sizes),
    classes: labels.map(String),
    class_counts: labels.map((label) => counts[label]),
    warnings: [],
  }
}

/** Three sizes are gray images: one channel. */
export function shapeOf(sizes: readonly number[]): ImageShape {
  const [height, width] = sizes.slice(-2)
  return [sizes.length === 4 ? sizes[1] : 1, height, width]
}
