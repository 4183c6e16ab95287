/** @file (c) A multilayer perceptron of MNIST's size, 784-512-256-10, batches of 128, Adam. */
import {
  adam,
  categoricalCrossEntropy,
  createTrainer,
  mlp,
  planTraining,
} from '../../../src/engine/index.ts'
import { classes, normals } from './drawn.ts'
import { trainInSlices } from './train-in-slices.ts'
import type { Workload } from './workload.ts'

export const mnistMlp: Workload = {
  name: 'c MLP 784-512-256-10, batch 128, Adam',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1.4, wasm: 0.6 },
    { peer: 'PyTorch', threads: 2, native: 1.4, wasm: 0.6 },
    { peer: 'TensorFlow.js wasm', threads: 1, native: 20, wasm: 10 },
  ],

  prepare(backend) {
    const plan = planTraining({
      network: mlp({
        hidden: [512, 256],
        activation: 'relu',
        outputs: 10,
        outputActivation: 'softmax',
      }),
      inputShape: [784],
      trainingRows: 128, // one batch, as the peers have it
      loss: categoricalCrossEntropy(),
      optimizer: adam(),
      learningRate: 1e-3,
      batchSize: 128,
      steps: 1_000_000, // more than any measurement takes
      reportEvery: 5, // of a job of 20 epochs over 60,000 rows
      seed: 1,
    })
    const training = {
      inputs: { values: normals(128 * 784, 0) },
      targets: { values: classes(10, 128) },
    }
    const trainer = createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) })
    return (steps) => trainInSlices(trainer, steps)
  },
}
