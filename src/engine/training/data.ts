/** @file The rows that a job reads: what is accepted, and why the rest is not. */
import { EngineError } from '../errors.ts'
import { findPlace, isFloats, type RowSource, sourceLength, valueAt } from '../memory/row-source.ts'
import type { TrainingDetails } from './plan.ts'

export interface TrainingData {
  readonly inputs: RowSource // (rows, ...inputShape)
  readonly targets: RowSource // (rows, ...targetShape)
}

/** Throws `invalid_data`, naming the part, what was expected and what came. */
export function checkData(
  name: 'training' | 'validation',
  data: TrainingData,
  rows: number,
  details: TrainingDetails,
): void {
  checkSource(`${name} inputs`, data.inputs, rows, details.inputSize, details)
  checkSource(`${name} targets`, data.targets, rows, details.targetSize, details)
  details.network.checkInputs?.(data.inputs)
  details.loss.checkTargets(data.targets)
}

function checkSource(
  name: string,
  source: RowSource,
  rows: number,
  size: number,
  { dtype }: TrainingDetails,
): void {
  const { values, stride = size, scale = 1, offset = 0 } = source
  checkLayout(name, { stride, scale, offset })
  const expected = isFloats(values) ? `${dtype} numbers` : 'integers'
  const given = typeOf(source)
  if (given !== expected || values.length !== sourceLength(rows, size, source)) {
    const apart = stride === size ? '' : `, ${stride} apart`
    throw new EngineError(
      'invalid_data',
      `${name}: expected ${rows} rows of ${size} ${expected}${apart}, got ${values.length} ${given} in all.`,
    )
  }
  // Integers are finite, and so are they when scaled.
  if (!isFloats(values)) return
  const wrong = findPlace(source, (value) => !Number.isFinite(value))
  if (wrong === -1) return
  const row = Math.floor(wrong / stride)
  throw new EngineError(
    'invalid_data',
    `${name}: expected finite numbers, got ${valueAt(source, wrong)} in row ${row}, place ${wrong - row * stride}. Fill or drop missing values first.`,
  )
}

function typeOf({ values }: RowSource): string {
  if (!isFloats(values)) return 'integers'
  return values instanceof Float64Array ? 'float64 numbers' : 'float32 numbers'
}

function checkLayout(name: string, layout: Required<Omit<RowSource, 'values'>>): void {
  const { stride, scale, offset } = layout
  if (Number.isInteger(stride) && stride >= 1 && Number.isFinite(scale) && Number.isFinite(offset))
    return
  throw new EngineError(
    'invalid_data',
    `${name}: expected a stride of at least 1, a finite scale and a finite offset, got ${stride}, ${scale} and ${offset}.`,
  )
}
