/**
 * @file Where everything lies in a job's linear memory, decided before there is any memory.
 *
 * Regions follow each other, each starting on a cache line. Offsets are relative to where the job
 * may start: the first bytes of a memory can belong to somebody else, such as WebAssembly's tables.
 */
import { type Dtype, elementBytes, type FloatArray, viewFloats } from './float-array.ts'

/** A cache line, and a multiple of every vector width in use (AVX-512: 64 bytes). */
export const alignmentBytes = 64

export interface Region {
  /** From the start of the job's part of the memory. */
  readonly offsetBytes: number
  /** In elements. */
  readonly length: number
}

/** The memory of a job: a buffer, and the first byte in it that the job may use. */
export interface LinearMemory {
  readonly buffer: ArrayBufferLike
  /** A multiple of 64; 0 when not given. */
  readonly offsetBytes?: number
}

export interface Layout {
  readonly dtype: Dtype
  readonly sizeBytes: number
  reserve(length: number): Region
}

export function createLayout(dtype: Dtype): Layout {
  let sizeBytes = 0
  return {
    dtype,
    get sizeBytes() {
      return sizeBytes
    },
    reserve(length) {
      const region = { offsetBytes: sizeBytes, length }
      sizeBytes += alignedBytes(length, dtype)
      return region
    },
  }
}

/** What `length` elements take up, up to the start of the next region. */
function alignedBytes(length: number, dtype: Dtype): number {
  return Math.ceil((length * elementBytes[dtype]) / alignmentBytes) * alignmentBytes
}

export function viewRegion(memory: LinearMemory, dtype: Dtype, region: Region): FloatArray {
  return viewFloats(
    dtype,
    memory.buffer,
    (memory.offsetBytes ?? 0) + region.offsetBytes,
    region.length,
  )
}
