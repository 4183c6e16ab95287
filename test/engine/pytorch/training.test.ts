import { describe, test } from 'vitest'

import {
  categoricalCrossEntropy,
  createPredictor,
  createTrainer,
  dense,
  gelu,
  planTraining,
  sequential,
  softmax,
  tanh,
} from '../../../src/engine/index.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, floatsOf, golden, startingFrom } from './golden.ts'
import { optimizerFactories } from './optimizer-factories.ts'

const { rows, inputs, classes, cases } = golden('training')
const network = sequential([
  dense({ units: 8 }),
  tanh(),
  dense({ units: 8 }),
  gelu(),
  dense({ units: 3 }),
  softmax(),
])

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, barAfterSteps: bar }) => {
  test.each(cases)('ten mini-batches under $optimizer: losses, weights, answers', (expected) => {
    const plan = planTraining({
      network,
      inputShape: [6],
      trainingRows: rows,
      loss: categoricalCrossEntropy(),
      optimizer: optimizerFactories[expected.optimizer](),
      learningRate: expected.learningRate,
      batchSize: 8, // so that the last batch of an epoch has 4 rows
      steps: 10,
      seed: 0,
      shuffle: false,
      clipNorm: expected.clipNorm ?? undefined,
      reportEvery: 1,
      dtype,
    })
    const data = {
      inputs: { values: floatsOf(dtype, inputs) },
      targets: { values: floatsOf(dtype, classes) },
    }
    const trainer = createTrainer(plan, {
      training: data,
      opened: table.backend.open(plan.memoryBytes),
    })
    trainer.restore(startingFrom(trainer, expected.start))
    const { points } = trainer.run(10)

    const losses = points.filter(({ name }) => name === 'loss').map(({ value }) => value)
    expectClose(losses, expected.losses, bar)
    const weights = trainer.weights()
    for (const [name, after] of Object.entries(expected.after)) {
      expectClose(weights[name].data, after, bar)
    }
    const predictor = createPredictor({
      network,
      inputShape: [6],
      weights,
      maxRows: 7,
      dtype,
      backend: table.backend,
    })
    expectClose(predictor.predict(data.inputs.values, rows), expected.probabilities, bar)
  })
})
