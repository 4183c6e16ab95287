/** @file The answer of a predicting thread, read as a client would read it. */
import { type Prediction, PredictResponse } from '../../../src/contract/predictions.ts'
import type { PredictResult } from '../../../src/contract/tasks.ts'

export function predictionsOf(result: PredictResult): Prediction[] {
  if (result.outcome !== 'predicted') throw new Error(JSON.stringify(result))
  return PredictResponse.parse(JSON.parse(Buffer.from(result.json).toString())).data
}
