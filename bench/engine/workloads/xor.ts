/** @file (a) The article's first network, 2-2-1 with sigmoids on the four rows of XOR: whole runs. */
import {
  createTrainer,
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

  prepare(backend) {
    const network = mlp({
      hidden: [2],
      activation: 'sigmoid',
      outputs: 1,
      outputActivation: 'sigmoid',
    })
    const inputs = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1)
    const targets = Float32Array.of(0, 1, 1, 0)
    return (steps) => {
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
      })
      trainInSlices(
        createTrainer(plan, {
          training: { inputs: { values: inputs }, targets: { values: targets } },
          opened: backend.open(plan.memoryBytes),
        }),
        steps,
      )
    }
  },
}
