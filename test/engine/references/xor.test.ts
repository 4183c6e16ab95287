/** @file The first network of the article: XOR by full-batch gradient descent, from many seeds. */
import { describe, expect, test } from 'vitest'

import {
  createPredictor,
  createTrainer,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../../src/engine/index.ts'
import { xor } from '../training/problems.ts'

describe('XOR by full-batch gradient descent, 10,000 steps', () => {
  const solves = (units: number, seed: number): boolean => {
    const network = mlp({
      hidden: [units],
      activation: 'sigmoid',
      outputs: 1,
      outputActivation: 'sigmoid',
    })
    const plan = planTraining({
      network,
      inputShape: [2],
      trainingRows: 4,
      loss: meanSquaredError(),
      optimizer: sgd(),
      learningRate: 2,
      batchSize: 4,
      steps: 10_000,
      seed,
    })
    const trainer = createTrainer(plan, { training: xor })
    const { points } = trainer.run(10_000)
    const weights = trainer.weights()
    const answers = createPredictor({ network, inputShape: [2], weights, maxRows: 4 }).predict(
      xor.inputs.values,
      4,
    )
    const right = answers.every((answer, row) => Math.round(answer) === xor.targets.values[row])
    return right && (points.at(-1)?.value ?? 1) < 0.01
  }

  test('2-4-1 is solved, 4 of 4, from at least 95 of 100 seeds', () => {
    const solved = Array.from({ length: 100 }, (_, seed) => solves(4, seed)).filter(Boolean)
    expect(solved.length).toBeGreaterThanOrEqual(95)
  }, 60_000) // 1 s alone, more when all cores are busy

  test('2-2-1, which has bad valleys, from more than half', () => {
    const solved = Array.from({ length: 20 }, (_, seed) => solves(2, seed)).filter(Boolean)
    expect(solved.length).toBeGreaterThan(10)
  })
})
