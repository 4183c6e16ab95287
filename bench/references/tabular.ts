/**
 * @file iris and digits: the figures of scikit-learn's "Compare Stochastic learning strategies for
 * MLPClassifier" (one hidden layer of 100 ReLU units, batches of 200 or all rows, min-max scaling,
 * Glorot initialization of weights and biases). Bars leave room for other random numbers.
 */
import {
  adam,
  categoricalCrossEntropy,
  dense,
  glorotUniform,
  type KernelBackend,
  momentum,
  type Optimizer,
  relu,
  sequential,
  sgd,
  softmax,
} from '../../src/engine/index.ts'
import type { Bar, Reference } from './reference.ts'
import { holdOut, minMax, readTable, type Table } from './tables.ts'
import { type Trained, trainToTheEnd } from './train-to-the-end.ts'

/** Biases start as the weights do, as in scikit-learn. */
function hidden100(outputs: number) {
  const glorot = { weightInitializer: glorotUniform(), biasInitializer: glorotUniform() }
  return sequential([
    dense({ units: 100, ...glorot }),
    relu(),
    dense({ units: outputs, ...glorot }),
    softmax(),
  ])
}

interface Learning {
  readonly optimizer: Optimizer
  readonly learningRate: number
  readonly epochs: number
}

/** What is reported last is the mean loss of the last epoch. */
function trainOn(table: Table, learning: Learning, backend: KernelBackend): Trained {
  const training = minMax(table)
  const { rows, columns, classes } = table
  return trainToTheEnd(
    {
      network: hidden100(classes),
      inputShape: [columns],
      trainingRows: rows,
      validationRows: rows,
      loss: categoricalCrossEntropy(),
      ...learning,
      batchSize: 200,
      seed: 0,
      reportEvery: Math.ceil(rows / 200),
    },
    { training, validation: training },
    backend,
  )
}

/** As many epochs as scikit-learn takes before its own tolerance ends it. */
function iris(name: string, learning: Learning, published: string, bar: Bar): Reference {
  return {
    check: `iris, ${name}`,
    configuration: `min-max, hidden 100, ${learning.epochs} epochs`,
    figures: [
      { name: 'loss', published, bar },
      { name: 'accuracy', published: '0.98', bar: { least: 0.97 } },
    ],
    measure({ backend }) {
      const { last } = trainOn(readTable('iris.csv'), learning, backend)
      return [last('loss'), last('validation_accuracy')]
    },
  }
}

const heldOutSeeds = 10

export const tabular: readonly Reference[] = [
  iris('Adam 0.01', { optimizer: adam(), learningRate: 0.01, epochs: 176 }, '0.045311', {
    least: 0.04,
    most: 0.05,
  }),
  iris('SGD 0.2', { optimizer: sgd(), learningRate: 0.2, epochs: 400 }, '0.096950', {
    least: 0.0873,
    most: 0.1066,
  }),
  iris('momentum 0.9', { optimizer: momentum(), learningRate: 0.2, epochs: 139 }, '0.049530', {
    least: 0.0446,
    most: 0.0545,
  }),
  {
    check: 'digits 8×8',
    configuration: 'min-max, hidden 100, Adam 0.01, 15 epochs',
    figures: [
      { name: 'accuracy', published: '0.991653', bar: { least: 0.985 } },
      { name: 'loss', published: '0.045934', bar: { most: 0.07 } },
    ],
    measure({ backend }) {
      const learning = { optimizer: adam(), learningRate: 0.01, epochs: 15 }
      const { last } = trainOn(readTable('digits.csv'), learning, backend)
      return [last('validation_accuracy'), last('loss')]
    },
  },
  {
    check: 'digits, a quarter held out',
    configuration: `standardized, hidden 100, Adam, mean of ${heldOutSeeds} seeds`,
    figures: [{ name: 'accuracy', published: '0.978', bar: { least: 0.97 } }],
    measure({ backend }) {
      const digits = readTable('digits.csv')
      const accuracies = Array.from({ length: heldOutSeeds }, (_, seed) =>
        heldOutAccuracy(digits, seed, backend),
      )
      return [accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / heldOutSeeds]
    },
  },
]

function heldOutAccuracy(table: Table, seed: number, backend: KernelBackend): number {
  const { training, heldOut, heldOutRows } = holdOut(table, 1 / 4, seed)
  const { last } = trainToTheEnd(
    {
      network: hidden100(table.classes),
      inputShape: [table.columns],
      trainingRows: table.rows - heldOutRows,
      validationRows: heldOutRows,
      loss: categoricalCrossEntropy(),
      optimizer: adam(),
      learningRate: 0.001,
      batchSize: 200,
      epochs: 40,
      seed,
    },
    { training, validation: heldOut },
    backend,
  )
  return last('validation_accuracy')
}
