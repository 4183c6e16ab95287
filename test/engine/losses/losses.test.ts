import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  type Loss,
  meanSquaredError,
} from '../../../src/engine/index.ts'
import { floats } from '../../support/arbitraries.ts'
import { expectSlopes } from '../../support/gradcheck.ts'
import { kernelTables, type TestTable } from '../kernel-tables.ts'

function bindLoss(loss: Loss, table: TestTable, outputShape: number[], rows: number) {
  const { kernels, array } = table.open()
  const plan = loss.plan(outputShape, rows)
  const size = rows * outputShape.reduce((a, b) => a * b, 1)
  const views = {
    y: array(size),
    dy: array(size),
    targets: array(rows * plan.targets.reduce((a, b) => a * b, 1)),
    saved: plan.saved.map(array),
  }
  const bound = plan.bind(views, kernels)
  const mean = () => bound.forward(rows) / (rows * plan.terms)
  return { ...views, ...bound, mean, plan, rows }
}

const classTargets = [2, 0, 1, 2, 2, 0]
const cases = [
  {
    name: 'squared error',
    create: meanSquaredError,
    shape: [4],
    targets: [...classTargets, ...classTargets],
  },
  {
    name: 'binary',
    create: binaryCrossEntropy,
    shape: [2],
    targets: [1, 0, 0.5, 1, 0, 1],
  },
  { name: 'categorical', create: categoricalCrossEntropy, shape: [3], targets: [2, 0, 1] },
  {
    name: 'categorical over tokens',
    create: categoricalCrossEntropy,
    shape: [2, 3],
    targets: classTargets,
  },
]

describe.each(kernelTables)('losses on $name', (table) => {
  test.each(cases)('the gradient of $name matches finite differences', (given) => {
    const loss = bindLoss(given.create(), table, given.shape, 3)
    const judge = bindLoss(given.create(), kernelTables[0], given.shape, 3)
    loss.targets.set(given.targets.slice(0, loss.targets.length))
    fc.assert(
      fc.property(floats(loss.y.length), (y) => {
        loss.y.set(y)
        loss.mean()
        loss.backward(3)
        // The reference judges, in float64: differences of float32 would be noise.
        judge.y.set(loss.y)
        judge.targets.set(loss.targets)
        expectSlopes('dy', loss.dy.slice(), judge.y, judge.mean, table.digits === 14 ? 1e-6 : 1e-5)
      }),
      { numRuns: 10 },
    )
  })

  test('squared error is the mean over rows and outputs', () => {
    const loss = bindLoss(meanSquaredError(), table, [2], 2)
    loss.y.set([1, 2, 3, 4])
    loss.targets.set([1, 0, 0, 4])

    expect(loss.mean()).toBe((4 + 9) / 4)
  })

  test('cross-entropies of even odds are the logarithm of the number of answers', () => {
    const binary = bindLoss(binaryCrossEntropy(), table, [1], 1)
    expect(binary.mean()).toBeCloseTo(Math.log(2), table.digits)

    const categorical = bindLoss(categoricalCrossEntropy(), table, [10], 1)
    expect(categorical.mean()).toBeCloseTo(Math.log(10), table.digits)
  })

  test('a confident mistake has a finite loss, the logit itself, and its whole gradient', () => {
    const binary = bindLoss(binaryCrossEntropy(), table, [2], 1)
    binary.y.set([-2000, 2000])
    binary.targets.set([1, 0])
    expect(binary.mean()).toBe(2000)
    binary.backward(1)
    expect(Array.from(binary.dy)).toEqual([-0.5, 0.5])

    const categorical = bindLoss(categoricalCrossEntropy(), table, [2], 1)
    categorical.y.set([2000, 0])
    categorical.targets.set([1])
    expect(categorical.mean()).toBe(2000)
    categorical.backward(1)
    expect(Array.from(categorical.dy)).toEqual([1, -1])
  })

  test('answers are counted by the side of zero, or by the largest output', () => {
    const binary = bindLoss(binaryCrossEntropy(), table, [2], 2)
    binary.y.set([3, -3, 3, -3])
    binary.targets.set([1, 0, 0, 0])
    expect(binary.countCorrect(2)).toBe(3)

    const categorical = bindLoss(categoricalCrossEntropy(), table, [3], 3)
    categorical.y.set([1, 5, 2, 4, 4, 0, 1, 2, 3])
    categorical.targets.set([1, 1, 2]) // in row 1 both are largest: the first counts
    expect(categorical.countCorrect(3)).toBe(2)

    const tokens = bindLoss(categoricalCrossEntropy(), table, [2, 2], 2)
    tokens.y.set([1, 0, 0, 1, 1, 0, 0, 1])
    tokens.targets.set([0, 1, 0, 0])
    expect(tokens.countCorrect(2)).toBe(3)
  })
})

test('targets that a loss cannot use are refused, with their place', () => {
  const categorical = categoricalCrossEntropy().plan([3], 4)
  expect(() => categorical.checkTargets({ values: Float32Array.of(0, 1, 3) })).toThrow(
    'targets must be class indices from 0 to 2, got 3 at 2.',
  )
  expect(() => categorical.checkTargets({ values: Float32Array.of(0.5) })).toThrow('got 0.5 at 0.')
  expect(() => categorical.checkTargets({ values: Uint8Array.of(2, 3) })).toThrow('got 3 at 1.')
  expect(() =>
    binaryCrossEntropy()
      .plan([1], 4)
      .checkTargets({ values: Float32Array.of(0, 1.5) }),
  ).toThrow('targets must be from 0 to 1, got 1.5 at 1.')
  expect(() => categoricalCrossEntropy().plan([1], 1)).toThrow(
    'expected at least 2 classes, got 1.',
  )
})
