/**
 * @file Safetensors files whose headers lie: a field of the header changed as JSON, bytes of the file
 * changed, or its length. Each is decoded or refused with `invalid_safetensors`, and nothing else.
 */
import fc from 'fast-check'

import { decodeSafetensors, EngineError, encodeSafetensors } from '../../src/engine/index.ts'
import { joined } from '../support/idx.ts'
import { bytesOf, mutated } from './generate/files.ts'
import { spoiled } from './generate/spoil.ts'

const file = encodeSafetensors(
  {
    '0.weight': { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    '0.bias': { shape: [2], data: Float64Array.of(5, 6) },
  },
  { format: 'trainyard' },
)
const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true))
const header: unknown = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)))
const data = file.subarray(8 + headerBytes)

/** The length that a file says its header has: the truth, nearly, or anything. */
const said = (length: number) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(BigInt(length)) },
    { weight: 1, arbitrary: fc.constantFrom(BigInt(length) - 1n, BigInt(length) + 1n, 0n) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  )

const withSpoiledHeader = spoiled(fc.constant(header)).chain((text) => {
  const bytes = bytesOf(text)
  return said(bytes.length).map((length) => {
    const start = new Uint8Array(8)
    new DataView(start.buffer).setBigUint64(0, length & (2n ** 64n - 1n), true)
    return joined(start, bytes, data)
  })
})

const anyFile = fc.oneof(withSpoiledHeader, mutated(file))

export interface DecodingReport {
  readonly decoded: number
  readonly refused: number
}

/** Throws what fast-check throws: the smallest file that does something else. */
export function fuzzSafetensors(runs: number, seed: number): DecodingReport {
  const counts = { decoded: 0, refused: 0 }
  fc.assert(
    fc.property(anyFile, (bytes) => {
      try {
        decodeSafetensors(bytes)
        counts.decoded += 1
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'invalid_safetensors') throw error
        counts.refused += 1
      }
    }),
    { numRuns: runs, seed },
  )
  return counts
}
