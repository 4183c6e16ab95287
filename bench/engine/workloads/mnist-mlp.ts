/** @file (c) A multilayer perceptron of MNIST's size, 784-512-256-10, batches of 128, Adam. */
import { adam, categoricalCrossEntropy, mlp, planTraining } from '../../../src/engine/index.ts'
import { classes, normals } from './drawn.ts'
import { endlessSteps, type TrainingWorkload } from './workload.ts'

const batch = 128

export const mnistMlp: TrainingWorkload = {
  name: 'c MLP 784-512-256-10, batch 128, Adam',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1.4, wasm: 0.6 },
    { peer: 'PyTorch', threads: 2, native: 1.4, wasm: 0.6 },
    { peer: 'TensorFlow.js wasm', threads: 1, native: 20, wasm: 10 },
  ],
  plan: () =>
    planTraining({
      network: mlp({
        hidden: [512, 256],
        activation: 'relu',
        outputs: 10,
        outputActivation: 'softmax',
      }),
      inputShape: [784],
      trainingRows: batch, // one batch, as the peers have it
      loss: categoricalCrossEntropy(),
      optimizer: adam(),
      learningRate: 1e-3,
      batchSize: batch,
      steps: endlessSteps,
      reportEvery: 5, // of a job of 20 epochs over 60,000 rows
      seed: 1,
    }),
  training: () => ({
    inputs: { values: normals(batch * 784, 0) },
    targets: { values: classes(10, batch) },
  }),
}
