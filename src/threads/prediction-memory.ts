/**
 * @file What predicting takes up: a network with its own copy of the weights, for so many rows at
 * once. It is needed once more when a job has trained, for the reports on its final weights.
 */
import type { Plan } from '../contract/plans.ts'
import type { Layer } from '../engine/index.ts'
import type { TaskCost } from './pool.ts'

const floatBytes = Float32Array.BYTES_PER_ELEMENT

/** Rows computed between two looks at the control block: some 20 million operations, 5 to 20 ms. */
export function rowsAtOnce(parameters: number): number {
  return Math.max(1, Math.min(256, Math.floor(1e7 / parameters)))
}

/** Of a predictor as the engine makes it. */
export function predictorBytes(network: Layer, inputs: number, rows: number): number {
  const plan = network.plan([inputs], rows, 'prediction')
  const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
  const weights = plan.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const scratch = plan.scratch.reduce((sum, elements) => sum + elements, 0)
  return (rows * (inputs + sizeOf(plan.output)) + weights + scratch) * floatBytes
}

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
