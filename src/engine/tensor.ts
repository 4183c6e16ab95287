/** @file A tensor outside the job's memory: weights on their way in or out, a snapshot's parts. */
import type { FloatArray } from './memory/float-array.ts'
import type { Shape } from './shape.ts'

export interface Tensor {
  readonly shape: Shape
  /** Row-major. */
  readonly data: FloatArray
}

/** By name, such as `0.weight`; in the order of the layers. */
export type NamedTensors = Readonly<Record<string, Tensor>>
