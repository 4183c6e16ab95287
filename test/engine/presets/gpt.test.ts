import { expect, test } from 'vitest'

import {
  adamw,
  categoricalCrossEntropy,
  createTrainer,
  type EngineError,
  gpt,
  planTraining,
} from '../../../src/engine/index.ts'

const nanoGpt = gpt({
  layers: 4,
  heads: 4,
  channels: 128,
  context: 64,
  vocabulary: 65,
  bias: false,
})
const options = {
  network: nanoGpt,
  inputShape: [64],
  trainingRows: 4,
  loss: categoricalCrossEntropy(),
  optimizer: adamw({ beta2: 0.99, weightDecay: 0.1, decays: 'matrices' }),
  learningRate: 1e-3,
  batchSize: 4,
  steps: 1,
  seed: 1,
} as const

test("nanoGPT's configuration for a CPU has as many parameters, decayed and not", () => {
  const { parameters, details } = planTraining(options)
  const decayed = details.arena.parameters
    .filter(({ decays }) => decays)
    .reduce((sum, { length }) => sum + length, 0)

  expect(parameters).toBe(804_096)
  expect(decayed).toBe(802_944)
})

test('it starts at the loss of knowing nothing, ln 65', () => {
  const tokens = Float32Array.from({ length: 4 * 64 }, (_, i) => (i * 7919) % 65)
  const targets = Float32Array.from({ length: 4 * 64 }, (_, i) => ((i + 1) * 104729) % 65)
  const training = { inputs: { values: tokens }, targets: { values: targets } }
  const [loss] = createTrainer(planTraining(options), { training }).run(1).points

  expect(Math.abs(loss.value - Math.log(65))).toBeLessThan(0.1)
})

test('what is added to the residual starts smaller, the deeper the network', () => {
  const { parameters } = nanoGpt.plan([64], 1, 'training')
  const start = (name: string) =>
    parameters.find((parameter) => parameter.name === name)?.initializer.definition

  expect(start('blocks.3.mlp.0.weight')).toEqual({ type: 'normal', deviation: 0.02 })
  for (const name of ['blocks.3.mlp.2.weight', 'blocks.0.attention.out.weight']) {
    expect(start(name)).toEqual({ type: 'normal', deviation: 0.02 / Math.sqrt(8) })
  }
})

test('a head of its own, dropout and biases change names and counts as they must', () => {
  const names = (changes: object) =>
    gpt({ layers: 1, heads: 1, channels: 4, context: 4, vocabulary: 5, ...changes })
      .plan([4], 1, 'training')
      .parameters.map(({ name }) => name)

  expect(names({ bias: false })).toEqual([
    'embedding.weight',
    'positions.weight',
    'blocks.0.norm1.weight',
    'blocks.0.attention.qkv.weight',
    'blocks.0.attention.out.weight',
    'blocks.0.norm2.weight',
    'blocks.0.mlp.0.weight',
    'blocks.0.mlp.2.weight',
    'norm.weight',
  ])
  expect(names({ bias: false, dropout: 0.1 })).toEqual(names({ bias: false }))
  expect(names({ bias: false, tieEmbeddings: false })).toEqual([
    ...names({ bias: false }),
    'head.weight',
  ])
  expect(names({ bias: true })).toHaveLength(16)
})

test('tokens that are none, and sequences that are too long, are refused at the door', () => {
  const training = (token: number) => ({
    inputs: { values: new Float32Array(4 * 64).fill(token) },
    targets: { values: new Float32Array(4 * 64) },
  })
  const start = (token: number) => () =>
    createTrainer(planTraining(options), { training: training(token) })

  expect(start(64)).not.toThrow()
  for (const token of [65, -1, 0.5]) {
    expect(start(token)).toThrow(
      `embedding: tokens must be whole numbers from 0 to 64, got ${token} at 0.`,
    )
  }
  const tooLong = () => planTraining({ ...options, inputShape: [65] })
  expect(tooLong).toThrow('layer positions: learned_positions: expected at most 64 places, got 65.')
  expect(tooLong).toThrow(expect.objectContaining({ code: 'shape_mismatch' }) as EngineError)
})
