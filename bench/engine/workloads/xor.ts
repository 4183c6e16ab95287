/** @file (a) The article's first network, 2-2-1 with sigmoids on the four rows of XOR: whole runs. */
import {
  createTrainer,
  type KernelBackend,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../../src/engine/index.ts'
import { trainInSlices } from './train-in-slices.ts'
import type { OtherWorkload } from './workload.ts'

export const xor: OtherWorkload = {
  name: 'a XOR 2-2-1, full batch, SGD',
  threads: [1],
  bars: [{ peer: 'NumPy', threads: 1, native: 60, wasm: 60 }],
  prepare: (backend) => (steps) => trainXor(backend, steps),
}

const network = mlp({
  hidden: [2],
  activation: 'sigmoid',
  outputs: 1,
  outputActivation: 'sigmoid',
})
const training = {
  inputs: { values: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) },
  targets: { values: Float32Array.of(0, 1, 1, 0) },
}

/** A whole run. Reports as often as the service would unless told otherwise. */
export function trainXor(backend: KernelBackend, steps: number, reportEvery?: number): void {
  const plan = planTraining({
    network,
    inputShape: [2],
    trainingRows: 4,
    loss: meanSquaredError(),
    optimizer: sgd(),
    learningRate: 0.5,
    batchSize: 4,
    steps,
    seed: 1,
    reportEvery,
  })
  trainInSlices(createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) }), steps)
}
