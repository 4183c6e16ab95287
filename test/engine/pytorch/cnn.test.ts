import { describe, expect, test } from 'vitest'

import {
  adam,
  categoricalCrossEntropy,
  createTrainer,
  type Layer,
  planTraining,
  sequential,
  softmax,
} from '../../../src/engine/index.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, floatsOf, golden, startingFrom } from './golden.ts'
import { layerFactories } from './layer-factories.ts'

function networkOf(layers: readonly { readonly type: string }[]): Layer {
  const built = layers.map(({ type, ...options }) => layerFactories[type](options as never))
  return sequential([...built, softmax()])
}

const cases = golden('cnn').map((expected) => ({
  ...expected,
  name: expected.layers.map(({ type }) => type).join(', '),
}))

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, barAfterSteps: bar }) => {
  test.each(cases)('ten steps of Adam: losses, weights and statistics of $name', (expected) => {
    const { rows, x, classes, inputShape, learningRate, steps } = expected
    const plan = planTraining({
      network: networkOf(expected.layers),
      inputShape,
      trainingRows: rows,
      loss: categoricalCrossEntropy(),
      optimizer: adam(),
      learningRate,
      batchSize: rows,
      steps,
      seed: 0,
      reportEvery: 1,
      dtype,
    })
    const trainer = createTrainer(plan, {
      training: {
        inputs: { values: floatsOf(dtype, x) },
        targets: { values: floatsOf(dtype, classes) },
      },
      opened: table.backend.open(plan.memoryBytes),
    })
    trainer.restore(startingFrom(trainer, expected.parameters))
    const { points } = trainer.run(steps)

    const losses = points.filter(({ name }) => name === 'loss').map(({ value }) => value)
    expectClose(losses, expected.losses, bar)
    const weights = trainer.weights()
    expect(Object.keys(weights)).toEqual(
      expect.arrayContaining(Object.keys({ ...expected.after, ...expected.buffers })),
    )
    for (const [name, after] of Object.entries({ ...expected.after, ...expected.buffers })) {
      if (!(name in expected.zeroGradients)) expectClose(weights[name].data, after, bar)
    }
  })
})
