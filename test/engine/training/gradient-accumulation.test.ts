import { describe, expect, test } from 'vitest'

import {
  adamw,
  createTrainer,
  mlp,
  planTraining,
  type TrainingOptions,
} from '../../../src/engine/index.ts'
import { kernelTables } from '../kernel-tables.ts'
import { sectors, sectorsOptions, sectorsTrainer } from './problems.ts'

/** Batches of 4 of 50 rows, 13 an epoch; five make a step: three steps an epoch, the last of three. */
const accumulating: Partial<TrainingOptions> = { batchSize: 4, gradientAccumulation: 5 }

const network = mlp({
  hidden: [6],
  activation: 'tanh',
  dropout: 0.3,
  outputs: 3,
  outputActivation: 'softmax',
})

describe.each(kernelTables)('accumulation on $name', (table) => {
  test('small batches make the step of a large one', () => {
    const trainer = (changes: Partial<TrainingOptions>) => {
      const plan = planTraining({ ...sectorsOptions, validationRows: 10, ...changes })
      const opened = table.backend.open(plan.memoryBytes)
      return createTrainer(plan, { training: sectors(50), validation: sectors(10, 2), opened })
    }
    const [small, large] = [trainer(accumulating), trainer({ batchSize: 20 })]
    const [smallReport, largeReport] = [small.run(100), large.run(100)]

    expect(small.step).toBe(12)
    expect(smallReport.points).toHaveLength(largeReport.points.length)
    for (const [i, { name, step, value }] of largeReport.points.entries()) {
      expect(smallReport.points[i]).toMatchObject({ name, step })
      expect(smallReport.points[i].value).toBeCloseTo(value, 5)
    }
    const weights = small.weights()
    for (const [name, { data }] of Object.entries(large.weights())) {
      for (const [i, value] of data.entries()) expect(weights[name].data[i]).toBeCloseTo(value, 5)
    }
  })
})

test('a snapshot after every unit goes on with the same bits', () => {
  const options = { ...accumulating, network, optimizer: adamw(), validationRows: 10, clipNorm: 1 }
  const straight = sectorsTrainer(options)
  straight.run(100)

  let trainer = sectorsTrainer(options)
  for (let finished = false; !finished; ) {
    finished = trainer.run(1).finished
    const next = sectorsTrainer(options)
    next.restore(structuredClone(trainer.snapshot()))
    trainer = next
  }
  expect(trainer.weights()).toEqual(straight.weights())
})

test('an abandoned step changes nothing, whichever of its batches it was in', () => {
  const options = { ...accumulating, network }
  const straight = sectorsTrainer(options)
  straight.run(3)

  let layersLeft = Infinity
  const stubborn = sectorsTrainer(options, { aborted: () => layersLeft-- <= 0 })
  for (const layers of [1, 9, 20]) {
    layersLeft = layers
    expect(stubborn.run(1)).toMatchObject({ aborted: true, step: stubborn.step })
    layersLeft = Infinity
    stubborn.run(1)
  }
  expect(stubborn.step).toBe(3)
  expect(stubborn.weights()).toEqual(straight.weights())
})

test('each batch of a step loses other elements to dropout', () => {
  // A batch of all rows twice would be one batch; so two halves that are alike.
  const half = sectors(4)
  const twice = (values: ArrayLike<number>) =>
    Float32Array.from([...Array.from(values), ...Array.from(values)])
  const training = {
    inputs: { values: twice(half.inputs.values) },
    targets: { values: twice(half.targets.values) },
  }
  const weightsOf = (changes: Partial<TrainingOptions>) => {
    const plan = planTraining({
      ...sectorsOptions,
      network,
      shuffle: false,
      trainingRows: 8,
      batchSize: 4,
      epochs: 1,
      ...changes,
    })
    const trainer = createTrainer(plan, { training })
    trainer.run(1)
    return trainer.weights()
  }
  // With the same elements lost, the mean of both gradients would be the first.
  expect(weightsOf({ gradientAccumulation: 2 })).not.toEqual(weightsOf({}))
})

test('the plan counts steps of several batches, and takes the memory of one', () => {
  const plan = (changes: Partial<TrainingOptions>) =>
    planTraining({ ...sectorsOptions, ...changes })

  expect(plan(accumulating)).toMatchObject({ batchSize: 4, stepsPerEpoch: 3, steps: 12 })
  expect(plan(accumulating).memoryBytes).toBe(plan({ batchSize: 4 }).memoryBytes)
  expect(plan(accumulating).flopsPerStep).toBe(plan({ batchSize: 20 }).flopsPerStep)
  expect(plan({ gradientAccumulation: 99 })).toMatchObject({ stepsPerEpoch: 1 })
  expect(plan(accumulating).fingerprint).not.toBe(plan({ batchSize: 4 }).fingerprint)
  expect(() => plan({ gradientAccumulation: 0 })).toThrow(
    'training: gradientAccumulation must be an integer >= 1',
  )
})
