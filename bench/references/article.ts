/**
 * @file The article's torch model from PyTorch's own first weights: how far our losses are from its
 * losses. test/fixtures/pytorch/generate.py made them.
 */
import { readFileSync } from 'node:fs'

import {
  createTrainer,
  type KernelBackend,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../src/engine/index.ts'
import type { Reference } from './reference.ts'

const steps = 10_000

export const article: Reference = {
  check: "The article's torch model",
  configuration: '10-20-5, ReLU, MSE, SGD 0.01, 10,000 steps',
  figures: [
    { name: 'off from torch, steps 1 to 100', published: '0', bar: { most: 1e-5 } },
    { name: 'off from torch, all steps', published: '0', bar: { most: 1e-3 } },
  ],
  measure({ backend }) {
    const errors = relativeErrors(backend)
    const largest = (upTo: number) =>
      Math.max(...errors.filter(([step]) => step <= upTo).map(([, error]) => error))
    return [largest(100), largest(steps)]
  },
}

interface ArticleGolden {
  readonly inputs: number[]
  readonly targets: number[]
  readonly start: Readonly<Record<string, number[]>>
  /** Pairs of step and loss. */
  readonly losses: [number, number][]
}

/** Pairs of step and error. */
function relativeErrors(backend: KernelBackend): [number, number][] {
  const golden: ArticleGolden = JSON.parse(
    readFileSync('test/fixtures/pytorch/article.json', 'utf8'),
  )
  const plan = planTraining({
    network: mlp({ hidden: [20], activation: 'relu', outputs: 5 }),
    inputShape: [10],
    trainingRows: 50,
    loss: meanSquaredError(),
    optimizer: sgd(),
    learningRate: 0.01,
    batchSize: 50,
    steps,
    seed: 0,
    reportEvery: 1,
  })
  const training = {
    inputs: { values: Float32Array.from(golden.inputs) },
    targets: { values: Float32Array.from(golden.targets) },
  }
  const trainer = createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) })
  const start = trainer.snapshot()
  for (const [name, values] of Object.entries(golden.start)) {
    start.tensors[`parameters.${name}`].data.set(values)
  }
  trainer.restore(start)
  const { points } = trainer.run(steps)
  return golden.losses.map(([step, loss]) => [step, Math.abs(points[step - 1].value / loss - 1)])
}
