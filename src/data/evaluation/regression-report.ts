/**
 * @file How far off quantities were: mean absolute error, root of the mean squared error, and R², the
 * part of the variance that was explained.
 */
import type { RegressionReport } from '../../contract/jobs.ts'

export interface RegressionInput {
  /** In the units of the dataset, (rows, columns). */
  readonly predictions: ArrayLike<number>
  readonly targets: ArrayLike<number>
  /** Target columns; 1 unless given. */
  readonly columns?: number
  readonly loss: number
}

/** Errors are over all columns together; R² is the mean over the columns that are not constant. */
export function regressionReport(input: RegressionInput): RegressionReport {
  const { predictions, targets, columns = 1, loss } = input
  let absolute = 0
  let squared = 0
  for (let i = 0; i < targets.length; i++) {
    const error = predictions[i] - targets[i]
    absolute += Math.abs(error)
    squared += error * error
  }
  const scores = Array.from({ length: columns }, (_, c) => r2Of(input, c, columns)).filter(
    (score) => score !== null,
  )
  return {
    task: 'regression',
    rows: targets.length / columns,
    loss: Number.isFinite(loss) ? loss : null,
    mean_absolute_error: absolute / targets.length,
    root_mean_squared_error: Math.sqrt(squared / targets.length),
    r2: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
  }
}

/** 1 - (sum of squared errors) / (sum of squares around the mean); null for a constant column. */
function r2Of({ predictions, targets }: RegressionInput, c: number, columns: number) {
  const rows = targets.length / columns
  let mean = 0
  for (let i = c; i < targets.length; i += columns) mean += targets[i] / rows
  let errors = 0
  let squares = 0
  for (let i = c; i < targets.length; i += columns) {
    const error = predictions[i] - targets[i]
    const distance = targets[i] - mean
    errors += error * error
    squares += distance * distance
  }
  return squares === 0 || isConstant(targets, c, columns) ? null : 1 - errors / squares
}

/** Not told by the sum of squares: rounding the mean may keep that from being zero. */
function isConstant(targets: ArrayLike<number>, c: number, columns: number): boolean {
  for (let i = c; i < targets.length; i += columns) if (targets[i] !== targets[c]) return false
  return true
}
