/**
 * @file The report on the final weights of a text: its windows are predicted slice by slice and
 * compared with what came next. All answers at once would be a number per character and position.
 */
import type { LanguageReport } from '../contract/jobs.ts'
import { likeliestClass } from '../data/evaluation/likeliest-class.ts'
import { sizeOf } from '../data/task.ts'
import { loadRows } from '../engine/index.ts'
import type { Evaluator } from './evaluate.ts'
import { meanLoss } from './mean-loss.ts'
import type { EncodedRows } from './prepared-data.ts'

/** Of the training part, which has a window at every character: a sample, evenly spread. */
export const sampledWindows = 128

export interface TextEvaluator extends Evaluator {
  readonly vocabulary: number
}

/** On all windows, or on at most `mostWindows` of them. */
export function evaluateText(
  data: EncodedRows,
  evaluator: TextEvaluator,
  mostWindows = Number.POSITIVE_INFINITY,
): LanguageReport {
  const { predictor, inputSize, vocabulary, lossName, rowsAtOnce, onProgress } = evaluator
  const order = evenlySpread(data.rows, Math.min(data.rows, mostWindows))
  const tokensPerRow = sizeOf(predictor.outputShape) / vocabulary
  let losses = 0
  let right = 0
  for (let start = 0; start < order.length; start += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, order.length - start)
    const inputs = new Float32Array(count * inputSize)
    const targets = new Float32Array(count * tokensPerRow)
    loadRows(inputs, data.inputs, order, start, count, inputSize)
    loadRows(targets, data.targets, order, start, count, tokensPerRow)
    const outputs = Float32Array.from(predictor.predict(inputs, count))
    losses += meanLoss(lossName, outputs, targets) * targets.length
    for (let i = 0; i < targets.length; i++) {
      if (likeliestClass(outputs, i * vocabulary, vocabulary) === targets[i]) right += 1
    }
    onProgress()
  }
  const tokens = order.length * tokensPerRow
  const loss = losses / tokens
  return {
    task: 'language_modeling',
    rows: order.length,
    tokens,
    loss: finiteOrNull(loss),
    perplexity: finiteOrNull(Math.exp(loss)),
    accuracy: right / tokens,
  }
}

function evenlySpread(rows: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count))
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
