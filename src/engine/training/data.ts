/** @file The rows that a job reads: what is accepted, and why the rest is not. */
import { EngineError } from '../errors.ts'
import type { FloatArray } from '../memory/float-array.ts'
import type { TrainingDetails } from './plan.ts'

export interface TrainingData {
  /** Row-major, of the plan's dtype; may lie in shared memory. */
  readonly inputs: FloatArray // (rows, ...inputShape)
  readonly targets: FloatArray // (rows, ...targetShape)
}

/** Throws `invalid_data`, naming the part, what was expected and what came. */
export function checkData(
  name: 'training' | 'validation',
  data: TrainingData,
  rows: number,
  details: TrainingDetails,
): void {
  checkArray(`${name} inputs`, data.inputs, rows, details.inputSize, details)
  checkArray(`${name} targets`, data.targets, rows, details.targetSize, details)
  details.loss.checkTargets(data.targets)
}

function checkArray(
  name: string,
  values: FloatArray,
  rows: number,
  size: number,
  { dtype }: TrainingDetails,
): void {
  const given = values instanceof Float64Array ? 'float64' : 'float32'
  if (given !== dtype || values.length !== rows * size) {
    throw new EngineError(
      'invalid_data',
      `${name}: expected ${rows} rows of ${size} ${dtype} numbers, got ${values.length} ${given} numbers in all.`,
    )
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value))
  if (wrong === -1) return
  throw new EngineError(
    'invalid_data',
    `${name}: expected finite numbers, got ${values[wrong]} in row ${Math.floor(wrong / size)}, place ${wrong % size}. Fill or drop missing values first.`,
  )
}
