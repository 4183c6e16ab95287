import { expect, test } from 'vitest'

import {
  adam,
  adamw,
  createTrainer,
  dense,
  meanSquaredError,
  momentum,
  nesterov,
  planTraining,
  rmsprop,
  sequential,
  sgd,
} from '../../../src/engine/index.ts'

test('each names the option that is out of range', () => {
  expect(() => sgd({ weightDecay: -1 })).toThrow('sgd: weightDecay must be a number >= 0, got -1.')
  expect(() => momentum({ momentum: 1 })).toThrow(
    'momentum: momentum must be a number >= 0 and < 1',
  )
  expect(() => nesterov({ momentum: NaN })).toThrow('nesterov: momentum')
  expect(() => adam({ beta1: 1 })).toThrow('adam: beta1')
  expect(() => adamw({ beta2: -0.1 })).toThrow('adamw: beta2')
  expect(() => adam({ eps: -1 })).toThrow('adam: eps must be a number >= 0, got -1.')
  expect(() => rmsprop({ alpha: 2 })).toThrow('rmsprop: alpha')
})

test('state is what each needs, and no more', () => {
  expect(sgd().slots).toEqual([])
  expect(momentum().slots).toEqual(['velocity'])
  expect(adam().slots).toEqual(['m', 'v'])
  expect(rmsprop().slots).toEqual(['square'])
  expect(rmsprop({ momentum: 0.9 }).slots).toEqual(['square', 'velocity'])
})

test.each([
  { decays: 'all' as const, biasDecays: true },
  { decays: 'matrices' as const, biasDecays: false },
])('weight decay applies to $decays', ({ decays, biasDecays }) => {
  const plan = planTraining({
    network: sequential([dense({ units: 2 }), dense({ units: 2 })]),
    inputShape: [2],
    trainingRows: 1,
    loss: meanSquaredError(),
    optimizer: adamw({ weightDecay: 0.5, decays }),
    learningRate: 0.1,
    batchSize: 1,
    steps: 1,
    seed: 1,
  })
  const trainer = createTrainer(plan, {
    training: {
      inputs: { values: Float32Array.of(0, 0) },
      targets: { values: Float32Array.of(0, 0) },
    },
  })
  // With no weights there is no gradient, and with it nothing moves but by decay.
  const start = trainer.snapshot()
  for (const [name, { data }] of Object.entries(start.tensors)) {
    if (name.startsWith('parameters.')) data.fill(name.endsWith('0.weight') ? 1 : 0)
  }
  start.tensors['parameters.0.bias'].data.fill(0)
  trainer.restore(start)
  trainer.run(1)

  expect(trainer.weights()['0.weight'].data[0]).toBeCloseTo(0.95, 6)
  const fresh = createTrainer(plan, {
    training: {
      inputs: { values: Float32Array.of(0, 0) },
      targets: { values: Float32Array.of(0, 0) },
    },
  })
  const biased = fresh.snapshot()
  for (const { data } of Object.values(biased.tensors)) data.fill(0)
  biased.tensors['parameters.0.bias'].data.fill(1)
  fresh.restore(biased)
  fresh.run(1)

  expect(fresh.weights()['0.bias'].data[0]).toBeCloseTo(biasDecays ? 0.95 : 1, 6)
})
