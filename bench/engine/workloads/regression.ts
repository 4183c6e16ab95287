/** @file (b) The article's torch model, 10-20-5 with ReLU, on a batch of ten rows: whole runs. */
import {
  createTrainer,
  meanSquaredError,
  mlp,
  planTraining,
  sgd,
} from '../../../src/engine/index.ts'
import { normals } from './drawn.ts'
import { trainInSlices } from './train-in-slices.ts'
import type { OtherWorkload } from './workload.ts'

export const regression: OtherWorkload = {
  name: 'b MLP 10-20-5, batch 10, MSE, SGD',
  threads: [1],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 100, wasm: 100 },
    { peer: 'NumPy', threads: 1, native: 20, wasm: 20 },
  ],

  prepare(backend) {
    const network = mlp({ hidden: [20], activation: 'relu', outputs: 5 })
    const training = {
      inputs: { values: normals(10 * 10, 0) },
      targets: { values: normals(10 * 5, 1) },
    }
    return (steps) => {
      const plan = planTraining({
        network,
        inputShape: [10],
        trainingRows: 10,
        loss: meanSquaredError(),
        optimizer: sgd(),
        learningRate: 0.01,
        batchSize: 10,
        steps,
        seed: 1,
      })
      trainInSlices(
        createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) }),
        steps,
      )
    }
  },
}
