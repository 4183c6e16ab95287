import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  adam,
  adamw,
  cosine,
  createTrainer,
  decodeSafetensors,
  decodeSnapshot,
  EngineError,
  type MetricPoint,
  mlp,
  momentum,
  nesterov,
  planTraining,
  rmsprop,
  type Snapshot,
  sgd,
  step,
  type Trainer,
  type TrainingOptions,
} from '../../../src/engine/index.ts'
import { sectors, sectorsOptions, sectorsTrainer } from './problems.ts'

/** Everything that could be forgotten by a snapshot, at once. */
const everything: TrainingOptions = {
  ...sectorsOptions,
  network: mlp({
    hidden: [6, 5],
    activation: 'gelu',
    dropout: 0.2,
    outputs: 3,
    outputActivation: 'softmax',
  }),
  validationRows: 20,
  epochs: 5,
  clipNorm: 1,
  reportEvery: 3,
  schedule: cosine({ warmupSteps: 4 }),
  earlyStopping: { patience: 2, restoreBest: true },
}

const optimizers = [
  sgd(),
  momentum(),
  nesterov(),
  adam(),
  adamw({ decays: 'matrices' }),
  rmsprop(),
  rmsprop({ momentum: 0.9 }),
]

const create = (options: TrainingOptions): Trainer =>
  createTrainer(planTraining(options), { training: sectors(50), validation: sectors(20, 2) })

/** Through files, as a store keeps it. */
const throughFiles = (trainer: Trainer): Snapshot => decodeSnapshot(trainer.snapshotFiles({}))

function finish(trainer: Trainer): { points: readonly MetricPoint[]; weights: unknown } {
  const { points } = trainer.run(1_000_000)
  return { points, weights: trainer.weights() }
}

describe('a run that is cut anywhere and goes on in a fresh trainer', () => {
  test.each(
    optimizers.map((optimizer) => ({ name: JSON.stringify(optimizer.definition), optimizer })),
  )('ends with the same bits and the same points: $name', ({ optimizer }) => {
    const options = { ...everything, optimizer, learningRate: 0.02 }
    const undisturbed = finish(create(options))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }), (cuts) => {
        let trainer = create(options)
        const points: MetricPoint[] = []
        for (const units of cuts) {
          points.push(...trainer.run(units).points)
          const snapshot = throughFiles(trainer)
          trainer.run(3) // what comes after the snapshot is lost
          trainer = create(options)
          trainer.restore(snapshot)
        }
        const rest = finish(trainer)

        expect([...points, ...rest.points]).toEqual(undisturbed.points)
        expect(rest.weights).toEqual(undisturbed.weights)
      }),
      { numRuns: 20 },
    )
  })

  test('at every single unit, with steps instead of epochs', () => {
    const options = { ...everything, epochs: undefined, steps: 18, schedule: step({ every: 5 }) }
    const undisturbed = finish(create(options))
    for (let cut = 0; cut <= 28; cut++) {
      const before = create(options)
      const { points } = before.run(cut)
      const after = create(options)
      after.restore(before.snapshot())
      const rest = finish(after)

      expect([...points, ...rest.points], `cut at ${cut}`).toEqual(undisturbed.points)
      expect(rest.weights, `cut at ${cut}`).toEqual(undisturbed.weights)
    }
  })
})

describe('a snapshot', () => {
  test('is a copy: training on does not change it', () => {
    const trainer = sectorsTrainer()
    trainer.run(3)
    const snapshot = trainer.snapshot()
    const before = JSON.stringify(snapshot)
    trainer.run(3)

    expect(JSON.stringify(snapshot)).toBe(before)
  })

  test('names its tensors by what they are', () => {
    const options = { optimizer: adam(), earlyStopping: { patience: 1, restoreBest: true } }
    const names = Object.keys(sectorsTrainer(options).snapshot().tensors)

    expect(names).toContain('parameters.0.weight')
    expect(names).toContain('optimizer.m.2.bias')
    expect(names).toContain('optimizer.v.0.weight')
    expect(names).toContain('best.2.weight')
    expect(names).toHaveLength(4 * 4)
  })

  test('can be restored into a trainer whose loss had become infinite', () => {
    const trainer = sectorsTrainer()
    const start = trainer.snapshot()
    for (const tensor of Object.values(start.tensors)) tensor.data.fill(Infinity)
    trainer.restore(start)
    expect(() => trainer.run(1)).toThrow('The loss became')
    const good = sectorsTrainer().snapshot()
    trainer.restore(good)

    expect(trainer.run(2).step).toBe(2)
  })
})

describe('a snapshot as files', () => {
  test('holds the snapshot, whichever of the weights the file of weights has', () => {
    for (const restoreBest of [false, true]) {
      const trainer = create({ ...everything, earlyStopping: { patience: 2, restoreBest } })
      for (const units of [0, 3, 20]) {
        trainer.run(units)
        expect(throughFiles(trainer)).toEqual(trainer.snapshot())
      }
    }
  })

  test('has the weights that a stop would leave, and what it was given to say of them', () => {
    const trainer = create({ ...everything, learningRate: 2 }) // gets worse soon
    trainer.run(35)
    const { tensors, metadata } = decodeSafetensors(trainer.snapshotFiles({ task: 'x' }).weights)
    const current = trainer.weights()
    trainer.stop()

    expect(metadata).toEqual({ task: 'x' })
    expect(tensors).toEqual(trainer.weights())
    expect(tensors).not.toEqual(current)
  })

  test('is refused where the state is missing', () => {
    const { weights } = sectorsTrainer().snapshotFiles({})
    expect(() => decodeSnapshot({ weights, rest: weights })).toThrow('expected a state')
  })
})

describe('weights of another training', () => {
  test('are what the first step begins with', () => {
    const source = sectorsTrainer()
    source.run(9)
    const trainer = sectorsTrainer({ seed: 12 })
    trainer.load(source.weights())

    expect(trainer.weights()).toEqual(source.weights())
  })

  test('of another network are refused, and change nothing', () => {
    const network = mlp({
      hidden: [7],
      activation: 'tanh',
      outputs: 3,
      outputActivation: 'softmax',
    })
    const trainer = sectorsTrainer()
    const before = trainer.weights()

    expect(() => trainer.load(sectorsTrainer({ network }).weights())).toThrow(
      'weights: expected 0.weight of shape',
    )
    expect(trainer.weights()).toEqual(before)
  })
})

describe('a snapshot that does not fit is refused, and changes nothing', () => {
  const refusals: [string, (snapshot: Snapshot) => Snapshot, string][] = [
    [
      'of another plan',
      () => sectorsTrainer({ seed: 99 }).snapshot(),
      'snapshot: expected one of plan',
    ],
    [
      'of another numerics version',
      ({ tensors, state }) => ({ tensors, state: { ...state, numericsVersion: 0 } }),
      'expected numerics version 1, got 0',
    ],
    [
      'without one of its tensors',
      ({ tensors: { '0.weight': _, 'parameters.2.bias': __, ...tensors }, state }) => ({
        tensors,
        state,
      }),
      'expected parameters.2.bias of shape (3), got none',
    ],
    [
      'with a tensor of another shape',
      ({ tensors, state }) => ({
        tensors: { ...tensors, 'parameters.2.bias': { shape: [1, 3], data: new Float32Array(3) } },
        state,
      }),
      'expected parameters.2.bias of shape (3), got (1, 3)',
    ],
    [
      'with a tensor of another length',
      ({ tensors, state }) => ({
        tensors: { ...tensors, 'parameters.2.bias': { shape: [3], data: new Float32Array(2) } },
        state,
      }),
      'expected parameters.2.bias',
    ],
  ]

  test.each(refusals)('%s', (_name, change, message) => {
    const trainer = sectorsTrainer()
    trainer.run(5)
    const before = trainer.weights()
    const snapshot = change(sectorsTrainer().snapshot())

    expect(() => trainer.restore(snapshot)).toThrow(message)
    expect(() => trainer.restore(snapshot)).toThrow(EngineError)
    expect(trainer.weights()).toEqual(before)
    expect(trainer.step).toBe(5)
  })
})
