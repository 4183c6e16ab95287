/**
 * @file Published figures that the engine must reproduce, from the data sets in examples/data.
 *
 * iris and digits: the loss curves of scikit-learn's "Compare Stochastic learning strategies for
 * MLPClassifier" (one hidden layer of 100 ReLU units, batches of 200 or all rows, min-max scaling,
 * Glorot initialization of weights and biases). Bars leave room for other random numbers.
 */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import {
  adam,
  categoricalCrossEntropy,
  createTrainer,
  dense,
  glorotUniform,
  momentum,
  type Optimizer,
  permutation,
  planTraining,
  relu,
  type Sequential,
  sequential,
  sgd,
  softmax,
} from '../../../src/engine/index.ts'
import type { FloatData } from '../training/problems.ts'

/** Biases start as the weights do, as in scikit-learn. */
function hidden100(outputs: number): Sequential {
  const glorot = { weightInitializer: glorotUniform(), biasInitializer: glorotUniform() }
  return sequential([
    dense({ units: 100, ...glorot }),
    relu(),
    dense({ units: outputs, ...glorot }),
    softmax(),
  ])
}

interface Table {
  readonly rows: number
  readonly columns: number
  readonly classes: number
  readonly data: FloatData
}

/** All columns but the last are numbers; the last is the class. */
function readTable(file: string): Table {
  const lines = readFileSync(`examples/data/${file}`, 'utf8').trim().split(/\r?\n/).slice(1)
  const cells = lines.map((line) => line.split(','))
  const names = [...new Set(cells.map((row) => row[row.length - 1]))].sort()
  const inputs = cells.flatMap((row) => row.slice(0, -1).map(Number))
  return {
    rows: cells.length,
    columns: cells[0].length - 1,
    classes: names.length,
    data: {
      inputs: { values: Float32Array.from(inputs) },
      targets: {
        values: Float32Array.from(cells, (row) => names.indexOf(row[row.length - 1])),
      },
    },
  }
}

function column(inputs: ArrayLike<number>, columns: number, c: number): number[] {
  return Array.from({ length: inputs.length / columns }, (_, row) => inputs[row * columns + c])
}

/** Each column to [0, 1]; a constant one to 0. */
function minMax({ data, columns }: Table): FloatData {
  const inputs = data.inputs.values
  const low = Array.from({ length: columns }, (_, c) => Math.min(...column(inputs, columns, c)))
  const high = Array.from({ length: columns }, (_, c) => Math.max(...column(inputs, columns, c)))
  const scaled = inputs.map((value, i) => {
    const c = i % columns
    return high[c] > low[c] ? (value - low[c]) / (high[c] - low[c]) : 0
  })
  return { inputs: { values: scaled }, targets: data.targets }
}

interface FinalFigures {
  readonly loss: number
  readonly accuracy: number
}

/** The mean loss of the last epoch, and the accuracy of the final weights on the training rows. */
function trainOn(
  table: Table,
  optimizer: Optimizer,
  learningRate: number,
  epochs: number,
  seed: number,
): FinalFigures {
  const training = minMax(table)
  const { rows, columns, classes } = table
  const plan = planTraining({
    network: hidden100(classes),
    inputShape: [columns],
    trainingRows: rows,
    validationRows: rows,
    loss: categoricalCrossEntropy(),
    optimizer,
    learningRate,
    batchSize: 200,
    epochs,
    seed,
    reportEvery: Math.ceil(rows / 200),
  })
  const { points } = createTrainer(plan, { training, validation: training }).run(1_000_000)
  const last = (name: string) => points.findLast((point) => point.name === name)?.value ?? NaN
  return { loss: last('loss'), accuracy: last('validation_accuracy') }
}

describe('iris', () => {
  const iris = readTable('iris.csv')

  // As many epochs as scikit-learn takes before its own tolerance ends it.
  test.each([
    { optimizer: adam(), learningRate: 0.01, epochs: 176, published: 0.0453 },
    { optimizer: sgd(), learningRate: 0.2, epochs: 400, published: 0.097 },
    { optimizer: momentum(), learningRate: 0.2, epochs: 139, published: 0.0495 },
  ])('the loss after $epochs epochs is near $published', (given) => {
    const { optimizer, learningRate, epochs, published } = given
    const { loss, accuracy } = trainOn(iris, optimizer, learningRate, epochs, 0)

    expect(Math.abs(loss / published - 1)).toBeLessThan(0.1)
    expect(accuracy).toBeGreaterThanOrEqual(0.97)
  })
})

describe('digits', () => {
  const digits = readTable('digits.csv')

  test('Adam 0.01, 15 epochs: 0.992 of the training rows right', () => {
    const { accuracy, loss } = trainOn(digits, adam(), 0.01, 15, 0)
    expect(accuracy).toBeGreaterThanOrEqual(0.985)
    expect(loss).toBeLessThan(0.07)
  })

  test('a quarter held out, standardized: 0.97 right in the mean of three seeds', () => {
    const accuracies = [1, 2, 3].map((seed) => heldOutAccuracy(digits, seed))
    const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length
    expect(mean).toBeGreaterThanOrEqual(0.97)
  }, 60_000) // 3 s alone, more when all cores are busy
})

function heldOutAccuracy(table: Table, seed: number): number {
  const { rows, columns, classes, data } = table
  const order = Array.from(permutation(seed, 'split', 0, rows))
  const heldOut = Math.floor(rows / 4)
  const { inputs, targets } = data
  const pick = (chosen: number[]): FloatData => ({
    inputs: {
      values: Float32Array.from(
        chosen.flatMap((row) => [...inputs.values.subarray(row * columns, (row + 1) * columns)]),
      ),
    },
    targets: { values: Float32Array.from(chosen, (row) => targets.values[row]) },
  })
  const training = pick(order.slice(heldOut))
  const validation = pick(order.slice(0, heldOut))
  standardize(training.inputs.values, [training.inputs.values, validation.inputs.values], columns)
  const plan = planTraining({
    network: hidden100(classes),
    inputShape: [columns],
    trainingRows: rows - heldOut,
    validationRows: heldOut,
    loss: categoricalCrossEntropy(),
    optimizer: adam(),
    learningRate: 0.001,
    batchSize: 200,
    epochs: 40,
    seed,
  })
  const { points } = createTrainer(plan, { training, validation }).run(1_000_000)
  return points.findLast((point) => point.name === 'validation_accuracy')?.value ?? NaN
}

/** Fitted on one part, applied to all: to mean 0 and variance 1, in place. */
function standardize(fitted: Float32Array, all: readonly Float32Array[], columns: number) {
  for (let c = 0; c < columns; c++) {
    const values = column(fitted, columns, c)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0
    for (const inputs of all) {
      for (let i = c; i < inputs.length; i += columns) inputs[i] = (inputs[i] - mean) * scale
    }
  }
}
