/**
 * @file How well classes were told apart: accuracy, the confusion matrix, and for each class how many
 * of those named so are so (precision), how many that are so were found (recall), and their mean.
 */
import type { ClassificationReport } from '../../contract/jobs.ts'
import { likeliestClass } from './likeliest-class.ts'

export interface ClassificationInput {
  /** Probabilities, (rows, classes), or (rows) of the second of two classes alone. */
  readonly outputs: Float32Array
  /** The index of the right class, (rows). */
  readonly targets: ArrayLike<number>
  readonly classes: readonly string[]
  readonly loss: number
}

export function classificationReport(input: ClassificationInput): ClassificationReport {
  const { outputs, targets, classes, loss } = input
  const rows = targets.length
  const width = outputs.length / rows
  const matrix = classes.map(() => new Array<number>(classes.length).fill(0))
  let right = 0
  for (let n = 0; n < rows; n++) {
    const predicted = likeliestClass(outputs, n * width, width)
    matrix[targets[n]][predicted] += 1
    if (predicted === targets[n]) right += 1
  }
  return {
    task: 'classification',
    rows,
    loss: Number.isFinite(loss) ? loss : null,
    accuracy: ratio(right, rows),
    classes: classes.map((label, i) => ({ label, ...scoresOf(matrix, i) })),
    confusion_matrix: matrix,
  }
}

function scoresOf(matrix: readonly number[][], i: number) {
  const found = matrix[i][i]
  const support = matrix[i].reduce((sum, count) => sum + count, 0)
  const named = matrix.reduce((sum, row) => sum + row[i], 0)
  // f1 = 2 · precision · recall / (precision + recall), without dividing twice
  return {
    precision: ratio(found, named),
    recall: ratio(found, support),
    f1: ratio(2 * found, named + support),
    support,
  }
}

/** 0 of 0 is 0: a class that never occurs was never found. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
