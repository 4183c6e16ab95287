/** @file How fast one thread of this machine trains, and with what: measured at start-up. */
import type { KernelReport } from '../contract/kernels.ts'

export type ModelFamily = 'dense' | 'convolution' | 'attention'

export interface Speed {
  /** Of one thread, by what most of the arithmetic is. */
  readonly flopsPerSecond: Readonly<Record<ModelFamily, number>>
  /** What a step costs beside its arithmetic: all that a tiny network waits for. */
  readonly secondsPerStep: number
  /** How many threads train in a worker, as far as is known here. */
  readonly trainingThreads: number
}

export interface Calibration extends Omit<Speed, 'trainingThreads'> {
  readonly kernels: KernelReport
  /** Of these kernels: stored with each job, the bits that it was admitted to. */
  readonly numericsVersion: number
}

/** A slow laptop, for plans that are asked for before anything was measured. */
export const assumedCalibration: Speed = {
  flopsPerSecond: { dense: 1e9, convolution: 1e9, attention: 1e9 },
  secondsPerStep: 5e-6,
  trainingThreads: 1,
}
