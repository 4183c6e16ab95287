/**
 * @file How many rows a predictor computes at once, and the memory that it takes for them. It is also
 * needed when a job has trained, for the reports on its final weights.
 */
import { sizeOf } from '../data/task.ts'
import { type Layer, memoryBytesOf, planPrediction } from '../engine/index.ts'

export interface PlannedPredictor {
  readonly maxRows: number
  /** With its own copy of the weights. */
  readonly memoryBytes: number
  readonly flopsPerRow: number
  /** The answers for so many rows. */
  readonly outputBytes: number
}

/** Between two looks at the control block: 5 to 20 ms. */
const flopsAtOnce = 2e7
const mostRows = 256

export function planPredictor(network: Layer, inputShape: readonly number[]): PlannedPredictor {
  const { flopsPerRow } = planPrediction({ network, inputShape, maxRows: 1 })
  const maxRows = Math.max(1, Math.min(mostRows, Math.floor(flopsAtOnce / flopsPerRow)))
  const plan = planPrediction({ network, inputShape, maxRows })
  const { outputShape } = plan
  const memoryBytes = memoryBytesOf(plan.memoryBytes, 1)
  const outputBytes = maxRows * sizeOf(outputShape) * Float32Array.BYTES_PER_ELEMENT
  return { maxRows, memoryBytes, flopsPerRow, outputBytes }
}
