import { describe, expect, test } from 'vitest'

import {
  adamw,
  batchNorm,
  createPredictor,
  createRandomStream,
  createTrainer,
  dense,
  meanSquaredError,
  planTraining,
  relu,
  sequential,
} from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

function values(length: number, seed = 1): number[] {
  const { normal } = createRandomStream(seed, 'split')
  return Array.from({ length }, (_, i) => 2 * normal(i) + 0.5)
}

describe.each(kernelTables)('batch norm on $name', (table) => {
  test.each([
    { inputShape: [3], rows: 5 },
    { inputShape: [6], rows: 4 },
    { inputShape: [2, 3, 4], rows: 3 },
    { inputShape: [3, 5, 7], rows: 2 },
    { inputShape: [2, 1, 1], rows: 4 },
  ])('the backward pass matches finite differences: $inputShape', ({ inputShape, rows }) => {
    const length = inputShape.reduce((a, b) => a * b, rows)
    const [x, dy] = [values(length), values(length, 2)]

    expectGradientsToMatch(batchNorm(), { table, inputShape, rows, x, dy })
  })

  test('running statistics move by the momentum, and the variance is the unbiased one', () => {
    const bound = bindAlone(batchNorm({ momentum: 0.25 }), { table, inputShape: [1], rows: 3 })
    bound.x.set([2, 4, 6])
    bound.forward()
    const [, , mean, variance] = bound.parameters

    expect(mean[0]).toBeCloseTo(0.25 * 4, table.digits)
    expect(variance[0]).toBeCloseTo(0.75 + 0.25 * 4, table.digits)
  })

  test('evaluation changes no statistics, and each row is for itself', () => {
    const bound = bindAlone(batchNorm({ epsilon: 1 }), { table, inputShape: [2], rows: 2 })
    const [weight, bias, mean, variance] = bound.parameters
    weight.set([1, 2])
    bias.set([0, 5])
    mean.set([10, 20])
    variance.set([3, 8])
    bound.x.set([12, 23, 8, 20])
    bound.forward(2, 'evaluate')

    const expected = [1, 7, -1, 5]
    for (const [i, value] of expected.entries()) expect(bound.y[i]).toBeCloseTo(value, table.digits)
    expect([...mean, ...variance]).toEqual([10, 20, 3, 8])
  })

  test('a batch of a single number has no variance: the running one stays', () => {
    const bound = bindAlone(batchNorm(), { table, inputShape: [2], rows: 1 })
    bound.parameters[1].set([3, 4])
    bound.x.set([7, 8])
    bound.forward()

    expect(Array.from(bound.y)).toEqual([3, 4])
    expect(Array.from(bound.parameters[3])).toEqual([1, 1])
  })

  test('a step that is abandoned puts the statistics back', () => {
    const network = sequential([dense({ units: 4 }), batchNorm(), relu(), dense({ units: 1 })])
    const plan = planTraining({
      network,
      inputShape: [2],
      trainingRows: 6,
      loss: meanSquaredError(),
      optimizer: adamw(),
      learningRate: 0.1,
      batchSize: 6,
      steps: 9,
      seed: 3,
    })
    const training = {
      inputs: { values: Float32Array.from(values(12)) },
      targets: { values: Float32Array.from(values(6)) },
    }
    let pulses = 0
    const trainer = createTrainer(plan, {
      training,
      opened: table.backend.open(plan.memoryBytes),
      aborted: () => {
        pulses += 1
        return pulses === 4 + 4 + 3 // in the second step, once the norm has seen its batch
      },
    })
    trainer.run(1)
    const before = trainer.weights()

    expect(trainer.run(1)).toMatchObject({ aborted: true, step: 1 })
    expect(trainer.weights()).toEqual(before)
  })

  test('training leaves statistics to the layer, keeps them in snapshots, and predicts by them', () => {
    const network = sequential([dense({ units: 4 }), batchNorm(), relu(), dense({ units: 1 })])
    const plan = planTraining({
      network,
      inputShape: [2],
      trainingRows: 12,
      loss: meanSquaredError(),
      // Would shrink the statistics to nothing, and clip by them.
      optimizer: adamw({ weightDecay: 0.9 }),
      learningRate: 0.1,
      clipNorm: 1,
      batchSize: 4,
      steps: 12,
      seed: 3,
    })
    const training = {
      inputs: { values: Float32Array.from(values(24), (value) => value + 10) },
      targets: { values: Float32Array.from(values(12)) },
    }
    const open = () =>
      createTrainer(plan, { training, opened: table.backend.open(plan.memoryBytes) })
    const straight = open()
    straight.run(12)
    const first = open()
    first.run(5)
    const second = open()
    second.restore(structuredClone(first.snapshot()))
    second.run(7)

    expect(plan.parameters).toBe(2 * 4 + 4 + 4 + 4 + 4 + 1)
    expect(second.weights()).toEqual(straight.weights())
    const { tensors } = straight.snapshot()
    expect(Object.keys(tensors).filter((name) => name.endsWith('running_var'))).toEqual([
      'parameters.1.running_var',
    ])
    const weights = straight.weights()
    const largest = Math.max(...Array.from(weights['1.running_mean'].data, Math.abs))
    expect(largest).toBeGreaterThan(1) // the inputs lie about 10

    const predictor = createPredictor({
      network,
      inputShape: [2],
      weights,
      maxRows: 12,
      backend: table.backend,
    })
    const together = predictor.predict(training.inputs.values, 12)
    const alone = predictor.predict(training.inputs.values.slice(0, 2), 1)
    expect(alone[0]).toBe(together[0])
  })
})

test('parameters are named as in PyTorch; none decays, and the running ones do not train', () => {
  const { parameters, output } = batchNorm().plan([3, 4, 5], 1, 'training')

  expect(output).toEqual([3, 4, 5])
  expect(
    parameters.map(({ name, shape, decays, trains }) => [name, shape, decays, trains]),
  ).toEqual([
    ['weight', [3], false, true],
    ['bias', [3], false, true],
    ['running_mean', [3], false, false],
    ['running_var', [3], false, false],
  ])
})

test('refuses what has no channels, and options that are none', () => {
  expect(() => batchNorm().plan([4, 5], 1, 'training')).toThrow(
    'batch_norm: expected (channels) or (channels, height, width), got (4, 5).',
  )
  expect(() => batchNorm({ epsilon: 0 })).toThrow('batch_norm: epsilon must be a number > 0')
  expect(() => batchNorm({ momentum: 2 })).toThrow('batch_norm: momentum must be')
})
