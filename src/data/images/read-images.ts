/** @file The images and labels of a file that was checked when it was uploaded: views, no copies. */
import type { ImageProfile } from '../../contract/datasets.ts'
import { DataError } from '../data-error.ts'
import { type IdxPart, readIdxHeader } from './idx-header.ts'

export interface Images {
  readonly pixels: Uint8Array // (rows, channels, height, width)
  readonly labels: Uint8Array // (rows)
}

export function readImages(bytes: Uint8Array, { rows }: Pick<ImageProfile, 'rows'>): Images {
  const images = readPart('images', bytes)
  const labels = readPart('labels', images.rest)
  if (labels.data.length !== rows || labels.rest.length > 0) {
    throw new DataError(`The file does not have the ${rows} images that it had when uploaded.`)
  }
  return { pixels: images.data, labels: labels.data }
}

function readPart(part: IdxPart, bytes: Uint8Array): { data: Uint8Array; rest: Uint8Array } {
  const header = readIdxHeader(part, bytes)
  const end = (header?.bytes ?? 0) + (header?.dataBytes ?? 0)
  if (!header || bytes.length < end) throw new DataError(`The file ends within the ${part}.`)
  return { data: bytes.subarray(header.bytes, end), rest: bytes.subarray(end) }
}
