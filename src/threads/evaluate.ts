/**
 * @file The report on final weights: all rows of a part are predicted, then compared with what they
 * are. The numbers are those that a client gets who predicts the same rows.
 */
import type { EvaluationReport } from '../contract/jobs.ts'
import type { AnswerEncoding } from '../contract/preprocessing.ts'
import type { LossName } from '../contract/spec/spec.ts'
import { classificationReport } from '../data/evaluation/classification-report.ts'
import { regressionReport } from '../data/evaluation/regression-report.ts'
import { decodeQuantities } from '../data/preprocessing/decode-quantities.ts'
import { loadRows, type Predictor } from '../engine/index.ts'
import { meanLoss } from './mean-loss.ts'
import type { EncodedRows } from './prepared-data.ts'

export interface AnswerEvaluator extends Evaluator {
  readonly target: AnswerEncoding
}

export interface Evaluator {
  readonly predictor: Predictor
  readonly lossName: LossName
  /** Numbers per row, as the network sees it. */
  readonly inputSize: number
  /** Between two calls of `onProgress`, which may throw to end it. */
  readonly rowsAtOnce: number
  readonly onProgress: () => void
}

export function evaluate(data: EncodedRows, evaluator: AnswerEvaluator): EvaluationReport {
  const { target, lossName } = evaluator
  const targets = data.targets.values
  const outputs = predictInSlices(data, evaluator)
  const loss = meanLoss(lossName, outputs, targets)
  if (target.task === 'classification') {
    return classificationReport({ outputs, targets, classes: target.classes, loss })
  }
  return regressionReport({
    predictions: decodeQuantities(target, outputs),
    targets: decodeQuantities(target, targets),
    columns: target.columns.length,
    loss,
  })
}

function predictInSlices(
  { rows, inputs }: EncodedRows,
  { predictor, inputSize, rowsAtOnce, onProgress }: Evaluator,
): Float32Array {
  const outputSize = predictor.outputShape.reduce((product, size) => product * size, 1)
  const outputs = new Float32Array(rows * outputSize)
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - start)
    const slice = new Float32Array(count * inputSize)
    loadRows(slice, inputs, null, start, count, inputSize)
    outputs.set(predictor.predict(slice, count), start * outputSize)
    onProgress()
  }
  return outputs
}
