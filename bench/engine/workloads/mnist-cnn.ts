/** @file (d) Keras' network for MNIST: 3×3×32, 3×3×64, a pool, 128, 10, on 28×28, batches of 64, Adam. */
import {
  adam,
  categoricalCrossEntropy,
  conv2d,
  dense,
  flatten,
  maxPool2d,
  planTraining,
  relu,
  sequential,
  softmax,
} from '../../../src/engine/index.ts'
import { classes, normals } from './drawn.ts'
import { endlessSteps, type TrainingWorkload } from './workload.ts'

const batch = 64
const kernelSize = [3, 3] as const

export const mnistCnn: TrainingWorkload = {
  name: 'd CNN 3×3×32, 3×3×64, pool, 128, 10, batch 64, Adam',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1.2, wasm: 0.5 },
    { peer: 'PyTorch', threads: 2, native: 1.1, wasm: 0.5 },
  ],
  plan: () =>
    planTraining({
      network: sequential([
        conv2d({ filters: 32, kernelSize }),
        relu(),
        conv2d({ filters: 64, kernelSize }),
        relu(),
        maxPool2d({ size: [2, 2] }),
        flatten(),
        dense({ units: 128 }),
        relu(),
        dense({ units: 10 }),
        softmax(),
      ]),
      inputShape: [1, 28, 28],
      trainingRows: batch,
      loss: categoricalCrossEntropy(),
      optimizer: adam(),
      learningRate: 1e-3,
      batchSize: batch,
      steps: endlessSteps,
      reportEvery: 5,
      seed: 1,
    }),
  training: () => ({
    inputs: { values: normals(batch * 784, 0) },
    targets: { values: classes(10, batch) },
  }),
}
