import { describe, expect, test } from 'vitest'

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
import { kernelTables } from '../kernel-tables.ts'

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

describe.each(kernelTables.slice(1))('what $name keeps of a parameter', (table) => {
  const { kernels, array } = table.open()
  const n = 1024 // enough for machine code
  const [p, first, second, g] = [array(n), array(n), array(n), array(n)]
  const isNormal = (x: number) => x === 0 || Math.abs(x) >= 2 ** -126

  test.each([
    {
      name: 'adam',
      kept: [first, second],
      step: () => kernels.adamStep(p, first, second, g, 0.1, 0.9, 0.8, 1e-8, 1, 1, 0, 0, n),
    },
    {
      name: 'rmsprop',
      kept: [second],
      step: () => kernels.rmspropStep(p, second, g, 0.1, 0.9, 1e-8, 0, n),
    },
    {
      name: 'rmsprop with momentum',
      kept: [first, second],
      step: () => kernels.rmspropMomentumStep(p, second, first, g, 0.1, 0.9, 1e-8, 0.8, 0, n),
    },
    {
      name: 'momentum',
      kept: [first],
      step: () => kernels.momentumStep(p, first, g, 0.1, 0.9, false, 0, n),
    },
  ])('$name: is always a normal number, and without a gradient ends at zero', ({ kept, step }) => {
    for (const [i, values] of [p, g, ...kept].entries()) {
      for (let at = 0; at < n; at++) values[at] = (at % 2 ? i : 1) * 10 ** ((at % 60) / 2 - 25)
    }
    for (let i = 0; i < 1_300; i++) {
      step()
      if (i === 0) g.fill(0)
      expect(kept.every((values) => values.every(isNormal))).toBe(true)
    }
    expect(kept.every((values) => values.every((x) => x === 0))).toBe(true)

    g.fill(Number.NaN)
    step()
    expect(Array.from(p.subarray(0, 9))).toEqual(Array(9).fill(Number.NaN))
  })

  test('of a gradient whose square is no normal number: the mean, not the square', () => {
    for (const values of [p, first, second]) values.fill(0)
    g.fill(1e-20)
    kernels.adamStep(p, first, second, g, 0.1, 0.9, 0.999, 1e-8, 1, 1, 0, 0, n)

    expect(first[0]).toBeCloseTo(1e-21, 28)
    expect(second[0]).toBe(0)
  })
})
