/** @file What predicting takes up in a thread, as it is known before it starts. */
import type { Plan } from '../contract/plans.ts'
import type { TaskCost } from './pool.ts'

const floatBytes = Float32Array.BYTES_PER_ELEMENT

/**
 * What a prediction of so many rows costs at most, from the plan of the job: weights as a file, as
 * tensors and in the predictor; rows encoded, their outputs, and both once more as JSON values.
 */
export function predictionCost(plan: Plan, rows: number): TaskCost {
  const cells = rows * (plan.inputs + plan.outputs)
  return { threads: 1, bytes: 3 * plan.weights_bytes + cells * (floatBytes + jsonCellBytes) }
}

/** A number in an array of objects, as V8 keeps it. */
const jsonCellBytes = 32
