/**
 * @file Tensors into a safetensors file: 8 bytes of header length, a JSON header, then all data.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
import type { NamedTensors } from '../../tensor.ts'
import { safetensorsDtypeOf } from './header.ts'

/** Metadata is a map of strings: JSON inside it must be stringified by the caller. */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata])
  let end = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const start = end
    end += data.byteLength
    entries.push([name, { dtype: safetensorsDtypeOf(data), shape, data_offsets: [start, end] }])
  }

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  // Spaces up to a multiple of 8, so that every element of the data is aligned.
  const headerBytes = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + headerBytes + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, 8, 8 + headerBytes)
  file.set(json, 8)
  let position = 8 + headerBytes
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return file
}
