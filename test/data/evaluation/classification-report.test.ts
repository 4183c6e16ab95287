import { expect, test } from 'vitest'

import { ClassificationReport } from '../../../src/contract/jobs.ts'
import { classificationReport } from '../../../src/data/evaluation/classification-report.ts'

test('counts by hand: accuracy, confusion matrix, precision, recall and F1', () => {
  // Right: a a a b b c. Predicted: a a b b c c.
  const predicted = [0, 0, 1, 1, 2, 2]
  const report = classificationReport({
    outputs: Float32Array.from(
      predicted.flatMap((p) => [0, 1, 2].map((i) => (i === p ? 0.6 : 0.2))),
    ),
    targets: Float32Array.of(0, 0, 0, 1, 1, 2),
    classes: ['a', 'b', 'c'],
    loss: 0.5,
  })

  expect(ClassificationReport.parse(report)).toEqual({
    task: 'classification',
    rows: 6,
    loss: 0.5,
    accuracy: 4 / 6,
    classes: [
      { label: 'a', precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
      { label: 'b', precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
      { label: 'c', precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 },
    ],
    confusion_matrix: [
      [2, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
    ],
  })
})

test('a single output is the probability of the second class; half is the first', () => {
  const report = classificationReport({
    outputs: Float32Array.of(0.9, 0.1, 0.5, 0.51),
    targets: Float32Array.of(1, 0, 0, 0),
    classes: ['no', 'yes'],
    loss: Number.NaN,
  })

  expect(report).toMatchObject({
    loss: null,
    accuracy: 0.75,
    confusion_matrix: [
      [2, 1],
      [0, 1],
    ],
  })
})

test('a class that neither occurs nor is predicted scores 0, not NaN', () => {
  const report = classificationReport({
    outputs: Float32Array.of(0.8, 0.2, 0),
    targets: Float32Array.of(0),
    classes: ['a', 'b', 'c'],
    loss: 0,
  })

  expect(report.classes[2]).toEqual({ label: 'c', precision: 0, recall: 0, f1: 0, support: 0 })
})
