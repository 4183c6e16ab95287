/**
 * @file A safetensors file into tensors, strictly: nothing is allocated for the data before the whole
 * header has been found sound.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
import type { FloatArray } from '../../memory/float-array.ts'
import type { NamedTensors, Tensor } from '../../tensor.ts'
import { type HeaderEntry, invalidSafetensors, maxHeaderBytes, parseHeader } from './header.ts'

export interface DecodedSafetensors {
  readonly tensors: NamedTensors
  readonly metadata: Readonly<Record<string, string>>
}

/** Throws `invalid_safetensors`. The tensors are copies. */
export function decodeSafetensors(file: Uint8Array): DecodedSafetensors {
  if (file.length < 8) {
    throw invalidSafetensors(`expected at least 8 bytes, got ${file.length}.`)
  }
  const headerBytes = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)
  if (headerBytes > BigInt(maxHeaderBytes)) {
    throw invalidSafetensors(`the header may have ${maxHeaderBytes} bytes, it says ${headerBytes}.`)
  }
  const dataStart = 8 + Number(headerBytes)
  if (dataStart > file.length) {
    throw invalidSafetensors(`expected a header of ${headerBytes} bytes, got ${file.length - 8}.`)
  }
  if (file[8] !== 0x7b) throw invalidSafetensors('the header must begin with {.')

  const data = file.subarray(dataStart)
  const { metadata, entries } = parseHeader(decodeText(file.subarray(8, dataStart)), data.length)
  const tensors = entries.map((entry): [string, Tensor] => [
    entry.name,
    { shape: entry.shape, data: copyFloats(data, entry) },
  ])
  return { tensors: Object.fromEntries(tensors), metadata }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalidSafetensors('the header is not valid UTF-8.')
  }
}

function copyFloats(data: Uint8Array, { dtype, start, end }: HeaderEntry): FloatArray {
  // `slice` starts a buffer of its own, so the elements are aligned wherever they were in the file.
  const bytes = data.slice(start, end)
  return dtype === 'float64'
    ? new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
    : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}
