import { expect, test } from 'vitest'

import {
  createTrainer,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../../src/engine/index.ts'
import { golden, startingFrom } from './golden.ts'

test('10-20-5, ReLU, MSE, SGD 0.01 has the loss curve of PyTorch over 10,000 steps', () => {
  const { inputs, targets, start, losses } = golden('article')
  const plan = planTraining({
    network: mlp({ hidden: [20], activation: 'relu', outputs: 5 }),
    inputShape: [10],
    trainingRows: 50,
    loss: meanSquaredError(),
    optimizer: sgd(),
    learningRate: 0.01,
    batchSize: 50,
    steps: 10_000,
    seed: 0,
    reportEvery: 1,
  })
  const training = {
    inputs: { values: Float32Array.from(inputs) },
    targets: { values: Float32Array.from(targets) },
  }
  const trainer = createTrainer(plan, { training })
  trainer.restore(startingFrom(trainer, start))
  const { points } = trainer.run(10_000)

  expect(points).toHaveLength(10_000)
  for (const [step, loss] of losses) {
    const bar = step <= 100 ? 1e-5 : 1e-3
    expect(Math.abs(points[step - 1].value / loss - 1), `step ${step}`).toBeLessThan(bar)
  }
})
