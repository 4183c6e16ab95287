/** @file What a workload is: one training task, done by us and by peers, and how fast is fast enough. */
import type { KernelBackend, TrainingData, TrainingPlan } from '../../../src/engine/index.ts'
import type { StepRunner } from '../serve.ts'

interface Described {
  /** Begins with its letter, by which contenders are asked for it. */
  readonly name: string
  /** Ours: one thread is compared with one, two with the peer's best setting on two cores. */
  readonly threads: readonly number[]
  readonly bars: readonly Bar[]
}

/** Steps of one long training, on any number of threads. */
export interface TrainingWorkload extends Described {
  plan(): TrainingPlan
  training(): TrainingData
}

/** Anything else, on one thread. */
export interface OtherWorkload extends Described {
  /** Everything up to the first step; the runner's own time is what is measured. */
  prepare(backend: KernelBackend): StepRunner
}

export type Workload = TrainingWorkload | OtherWorkload

/** The peer's time over ours is to be at least this, with either fast table. */
export interface Bar {
  readonly peer: string
  readonly threads: number
  readonly native: number
  readonly wasm: number
}

/** More than any measurement takes. */
export const endlessSteps = 1_000_000
