/** @file The first network of the article: XOR by full-batch gradient descent, from many seeds. */
import {
  createPredictor,
  type KernelBackend,
  meanSquaredError,
  mlp,
  sgd,
} from '../../src/engine/index.ts'
import type { Reference } from './reference.ts'
import { trainToTheEnd } from './train-to-the-end.ts'

const inputs = { values: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) }
const targets = { values: Float32Array.of(0, 1, 1, 0) }

const configuration = (units: number) => `2-${units}-1, sigmoid, full batch, 10,000 steps`

export const xor: readonly Reference[] = [
  {
    check: 'XOR',
    configuration: configuration(4),
    figures: [{ name: 'seeds of 100 with 4 of 4', published: '-', bar: { least: 95 } }],
    measure: ({ backend }) => [countSolved(4, 100, backend)],
  },
  {
    check: 'XOR, with bad valleys',
    configuration: configuration(2),
    figures: [{ name: 'seeds of 20 with 4 of 4', published: '-', bar: { least: 11 } }],
    measure: ({ backend }) => [countSolved(2, 20, backend)],
  },
]

function countSolved(units: number, seeds: number, backend: KernelBackend): number {
  return Array.from({ length: seeds }, (_, seed) => isSolved(units, seed, backend)).filter(Boolean)
    .length
}

/** 4 of 4 right, and the loss near 0. */
function isSolved(units: number, seed: number, backend: KernelBackend): boolean {
  const network = mlp({
    hidden: [units],
    activation: 'sigmoid',
    outputs: 1,
    outputActivation: 'sigmoid',
  })
  const { trainer, last } = trainToTheEnd(
    {
      network,
      inputShape: [2],
      trainingRows: 4,
      loss: meanSquaredError(),
      optimizer: sgd(),
      learningRate: 2,
      batchSize: 4,
      steps: 10_000,
      seed,
    },
    { training: { inputs, targets } },
    backend,
  )
  const weights = trainer.weights()
  const predictor = createPredictor({ network, inputShape: [2], weights, maxRows: 4 })
  const answers = predictor.predict(inputs.values, 4)
  return (
    last('loss') < 0.01 &&
    answers.every((answer, row) => Math.round(answer) === targets.values[row])
  )
}
