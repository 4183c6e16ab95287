/** @file What predicting takes up in a thread, as it is known before it starts. */
import type { Plan } from '../contract/plans.ts'
import { likeliestCharacters } from '../data/preprocessing/decode-characters.ts'
import type { TaskCost } from './pool.ts'

const floatBytes = Float32Array.BYTES_PER_ELEMENT

/** A number in an array of objects, as V8 keeps it. */
const jsonCellBytes = 32

/**
 * What a prediction of so many rows costs at most, from the plan of the job: weights as a file and as
 * tensors, the predictor; rows encoded, their outputs, and both once more as JSON values.
 */
export function predictionCost(plan: Plan, rows: number): TaskCost {
  const { task, inputs, outputs, weights_bytes, prediction_bytes } = plan
  const answers = task === 'language_modeling' ? Math.min(outputs, likeliestCharacters) : outputs
  const cells = rows * (inputs + answers)
  const bytes = 2 * weights_bytes + prediction_bytes + cells * (floatBytes + jsonCellBytes)
  return { threads: 1, bytes }
}
