/** @file Data that nobody can learn, and everybody takes the full time on. */
import { createRandomStream } from '../../../src/engine/index.ts'

export function normals(length: number, substream: number): Float32Array {
  const stream = createRandomStream(1, 'split', substream)
  return Float32Array.from({ length }, (_, position) => stream.normal(position))
}

/** Indices of classes, as targets of a categorical loss. */
export function classes(count: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, position) => position % count)
}
