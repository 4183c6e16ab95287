/** @file How fast one thread of this machine trains: measured at start-up, used to estimate seconds. */
export interface Calibration {
  readonly flopsPerSecond: number
  /** What a step costs beside its arithmetic: all that a tiny network waits for. */
  readonly secondsPerStep: number
}

/** A slow laptop, for plans that are asked for before anything was measured. */
export const assumedCalibration: Calibration = { flopsPerSecond: 1e9, secondsPerStep: 5e-6 }
