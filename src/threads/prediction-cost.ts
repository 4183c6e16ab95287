/** @file What predicting takes, in memory and in time, as it is known before it starts. */
import { AppError } from '../contract/errors.ts'
import type { Plan } from '../contract/plans.ts'
import { likeliestCharacters } from '../data/preprocessing/decode-characters.ts'
import type { TaskCost } from './pool.ts'

const floatBytes = Float32Array.BYTES_PER_ELEMENT

/** A number in an array of objects, as V8 keeps it. */
const jsonCellBytes = 32

/**
 * What a prediction of so many rows costs at most, from the plan of the job: weights as a file and as
 * tensors, the predictor; rows encoded, their outputs, and both once more as JSON values; and the answer,
 * of `answerBytes` at most, as text (two bytes a character, where some are not Latin) and as bytes.
 */
export function predictionCost(plan: Plan, rows: number, answerBytes: number): TaskCost {
  const { task, inputs, outputs, weights_bytes, prediction_bytes } = plan
  const answers = task === 'language_modeling' ? Math.min(outputs, likeliestCharacters) : outputs
  const cells = rows * (inputs + answers)
  const rowsBytes = cells * (floatBytes + jsonCellBytes)
  const bytes = 2 * weights_bytes + prediction_bytes + rowsBytes + 3 * answerBytes
  return { threads: 1, bytes }
}

/** Of one request: some seconds on one thread. A client that wants more rows sends them in parts. */
const mostFlops = 2e11

/** Throws AppError `limit_exceeded` for rows that would take a thread too long. */
export function checkPredictionTime({ prediction_flops }: Plan, rows: number): void {
  const most = Math.max(1, Math.floor(mostFlops / prediction_flops))
  if (rows <= most) return
  const detail = `This network may predict ${most} rows in one request, got ${rows}. Send them in parts.`
  throw new AppError('limit_exceeded', detail, {
    errors: [{ pointer: '/rows', code: 'too_many_rows', detail }],
  })
}
