/** @file What a network put out, as labels with probabilities or as quantities by column. */
import type { Prediction } from '../../contract/predictions.ts'
import type { AnswerEncoding } from '../../contract/preprocessing.ts'
import { DataError } from '../data-error.ts'
import { decodeQuantities } from './decode-quantities.ts'

/**
 * `outputs` are (rows, outputs): probabilities of the classes, or of the second of two classes alone;
 * or scaled quantities. On a tie the first class wins.
 */
export function decodePredictions(
  target: AnswerEncoding,
  outputs: Float32Array,
  rows: number,
): Prediction[] {
  if (target.task === 'classification') {
    const { classes, outputs: width } = target
    return Array.from({ length: rows }, (_, n) =>
      labelOf(classes, outputs.subarray(n * width, (n + 1) * width), n + 1),
    )
  }
  const quantities = decodeQuantities(target, outputs)
  const { columns } = target
  return Array.from({ length: rows }, (_, n) => ({
    values: Object.fromEntries(
      columns.map(({ column }, i) => [column, finiteOrNull(quantities[n * columns.length + i])]),
    ),
  }))
}

function labelOf(classes: readonly string[], outputs: Float32Array, row: number): Prediction {
  const probabilities = outputs.length === 1 ? [1 - outputs[0], outputs[0]] : [...outputs]
  if (!probabilities.every(Number.isFinite)) {
    const came = 'the network puts out no finite number'
    throw new DataError(`${came}. Are values far outside those of the training data?`, { row })
  }
  const best = probabilities.indexOf(Math.max(...probabilities))
  return {
    label: classes[best],
    probability: probabilities[best],
    probabilities: Object.fromEntries(classes.map((label, i) => [label, probabilities[i]])),
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
