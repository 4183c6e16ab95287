/**
 * @file Tensors into a safetensors file: 8 bytes of header length, a JSON header, then all data.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
import { elementBytes } from '../../memory/float-array.ts'
import { type Shape, sizeOf } from '../../shape.ts'
import type { NamedTensors } from '../../tensor.ts'
import { safetensorsDtypeOf } from './header.ts'

/** Metadata is a map of strings: JSON inside it must be stringified by the caller. */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) entries.push([metadataKey, metadata])
  let end = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const start = end
    end += data.byteLength
    entries.push([name, { dtype: safetensorsDtypeOf(data), shape, data_offsets: [start, end] }])
  }

  const json = utf8.encode(JSON.stringify(Object.fromEntries(entries)))
  const headerBytes = aligned(json.length)
  const file = new Uint8Array(lengthBytes + headerBytes + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, lengthBytes, lengthBytes + headerBytes)
  file.set(json, lengthBytes)
  let position = lengthBytes + headerBytes
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return file
}

/** How long the file of such float32 tensors will be; `metadataBytes` is its metadata as JSON. */
export function safetensorsBytes(
  tensors: readonly { readonly name: string; readonly shape: Shape }[],
  metadataBytes: number,
): number {
  let end = 0
  const entries = tensors.map(({ name, shape }) => {
    const start = end
    end += sizeOf(shape) * elementBytes.float32
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }]
  })
  // The 0 stands for the metadata.
  const json = JSON.stringify(Object.fromEntries([[metadataKey, 0], ...entries]))
  return lengthBytes + aligned(utf8.encode(json).length - 1 + metadataBytes) + end
}

const metadataKey = '__metadata__'
/** Of the header's length, at the start of the file. */
const lengthBytes = 8
const utf8 = new TextEncoder()

/** Spaces up to a multiple of 8, so that every element of the data is aligned. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
