/** @file A step allocates nothing that stays: memory is as it was after 100,000 of them. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import {
  createTrainer,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../../src/engine/index.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'
import { xor } from './problems.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const MiB = 1024 * 1024

test('heap and RSS stay flat over 100,000 steps of the XOR network', () => {
  const plan = planTraining({
    network: mlp({ hidden: [2], activation: 'sigmoid', outputs: 1, outputActivation: 'sigmoid' }),
    inputShape: [2],
    trainingRows: 4,
    loss: meanSquaredError(),
    optimizer: sgd(),
    learningRate: 0.5,
    batchSize: 4,
    steps: 500_000,
    seed: 1,
  })
  const { backend } = loadKernels('auto')
  const trainer = createTrainer(plan, { training: xor, opened: backend.open(plan.memoryBytes) })
  const train = (steps: number) => {
    // As the service does: in slices, whose points are sent away.
    for (const last = trainer.step + steps; trainer.step < last; ) trainer.run(500)
  }
  const settled = () => {
    collectGarbage()
    return process.memoryUsage()
  }

  train(400_000) // code is compiled, and the heap has found its size: 4 MiB less come after 50,000
  const before = settled()
  train(100_000)
  const after = settled()

  expect(trainer.step).toBe(500_000)
  expect(after.heapUsed - before.heapUsed).toBeLessThan(0.25 * MiB)
  expect(after.rss - before.rss).toBeLessThan(8 * MiB)
})
