/**
 * @file What an initializer is: a rule that gives a parameter its first values.
 *
 * fanIn and fanOut are how many values an output sums up and how many outputs an input reaches. A
 * bias has the fans of the weight beside it.
 */
import type { Definition } from '../definition.ts'
import type { FloatArray } from '../memory/float-array.ts'
import type { RandomStream } from '../random/stream.ts'

export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

export interface Initializer {
  readonly definition: Definition
  /** Overwrites every element of `values`, each from its own position of the stream. */
  fill(values: FloatArray, fans: Fans, random: RandomStream): void
}
