/** @file How fast one thread of this machine trains, and with what: measured at start-up. */
import type { KernelReport } from '../contract/kernels.ts'

export interface Calibration {
  readonly flopsPerSecond: number
  /** What a step costs beside its arithmetic: all that a tiny network waits for. */
  readonly secondsPerStep: number
  readonly kernels: KernelReport
  /** Of these kernels: stored with each job, the bits that it was admitted to. */
  readonly numericsVersion: number
}

/** A slow laptop, for plans that are asked for before anything was measured. */
export const assumedCalibration: Pick<Calibration, 'flopsPerSecond' | 'secondsPerStep'> = {
  flopsPerSecond: 1e9,
  secondsPerStep: 5e-6,
}
