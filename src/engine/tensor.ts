/** @file A tensor outside the job's memory: weights on their way in or out, a snapshot's parts. */
import type { FloatArray } from './memory/float-array.ts'
import { describeShape, type Shape, sizeOf } from './shape.ts'

export interface Tensor {
  readonly shape: Shape
  /** Row-major. */
  readonly data: FloatArray
}

/** By name, such as `0.weight`; in the order of the layers. */
export type NamedTensors = Readonly<Record<string, Tensor>>

/** Whether the tensor says so, and its data is as long as that takes. */
export function hasShape({ shape, data }: Tensor, expected: Shape): boolean {
  return describeShape(shape) === describeShape(expected) && data.length === sizeOf(expected)
}
