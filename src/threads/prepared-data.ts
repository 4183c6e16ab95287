/** @file What preparing the data of a job takes, and what it makes. */
import type { Preprocessing } from '../contract/preprocessing.ts'
import type { TrainingData } from '../engine/index.ts'

export interface Preparation<Resolved> {
  readonly resolved: Resolved
  /** Numbers per row of the targets, as planned. */
  readonly targetSize: number
  /** A random order of n rows, by the seed of the spec. */
  readonly permutation: (length: number) => Uint32Array
  /** Called for each block of work; it may throw to end it. */
  readonly onProgress: () => void
}

export interface PreparedData {
  readonly preprocessing: Preprocessing
  readonly training: EncodedRows
  readonly validation: EncodedRows | null
}

export interface EncodedRows extends TrainingData {
  readonly rows: number
}
