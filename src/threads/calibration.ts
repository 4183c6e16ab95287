/** @file How fast one thread of this machine trains, and with what: measured at start-up. */
import type { KernelReport } from '../contract/kernels.ts'

export type ModelFamily = 'dense' | 'convolution' | 'attention'

/** How long a step was that was measured. */
export interface StepTime {
  /** Floating point operations. */
  readonly flops: number
  readonly seconds: number
}

/** Of one thread. */
export interface Speed {
  /** Of a network so small that its arithmetic is not all that it waits for. */
  readonly small: StepTime
  /** Of one large enough for its arithmetic to be all, by what most of that is. */
  readonly large: Readonly<Record<ModelFamily, StepTime>>
  /** How many threads train in a worker, as far as is known here. */
  readonly trainingThreads: number
}

export interface Calibration extends Omit<Speed, 'trainingThreads'> {
  readonly kernels: KernelReport
  /** Of these kernels: stored with each job, the bits that it was admitted to. */
  readonly numericsVersion: number
}

const slowStep: StepTime = { flops: 1e9, seconds: 1 }

/** A slow laptop, for plans that are asked for before anything was measured. */
export const assumedCalibration: Speed = {
  small: { flops: 3e3, seconds: 8e-6 },
  large: { dense: slowStep, convolution: slowStep, attention: slowStep },
  trainingThreads: 1,
}
