/** @file Steps that are made again from a recording have the bits, points and errors of others. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  adam,
  adamw,
  attention,
  batchNorm,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  cnn,
  constant,
  conv2d,
  cosine,
  createRandomStream,
  createTrainer,
  dense,
  dropout,
  EngineError,
  embedding,
  flatten,
  gelu,
  gpt,
  meanSquaredError,
  mlp,
  momentum,
  nesterov,
  planTraining,
  relu,
  rmsprop,
  sequential,
  sgd,
  sinusoidalPositions,
  softmax,
  type Trainer,
  type TrainingData,
  type TrainingOptions,
  type TrainingPlan,
} from '../../../src/engine/index.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'

const { backend } = loadKernels('auto')
const all = 1_000_000
const classes = 3

/** Two batches of 8 and one of 2 an epoch, and more steps than the least number that is recorded. */
const options: TrainingOptions = {
  network: mlp({ hidden: [6], activation: 'tanh', outputs: classes, outputActivation: 'softmax' }),
  inputShape: [2],
  trainingRows: 18,
  loss: categoricalCrossEntropy(),
  optimizer: sgd(),
  learningRate: 0.01,
  batchSize: 8,
  epochs: 700,
  seed: 11,
}

/** What is made again, and how many of these calls were made. */
interface Watch {
  replays: number
  taken: number
  /** What is told of how often it will be taken; the number of steps where this is not there. */
  readonly times?: number
}

function trainerOf(
  changes: Partial<TrainingOptions>,
  watch: Watch | null,
  aborted?: () => boolean,
): Trainer {
  const plan = planTraining({ ...options, ...changes })
  const { createRecorder, ...opened } = backend.open(plan.memoryBytes)
  if (!createRecorder) throw new Error('The fast table cannot record.')
  const createWatched = (seen: Watch) => () => {
    const recorder = createRecorder()
    return {
      ...recorder,
      replay(...[first, then, times]: Parameters<typeof recorder.replay>) {
        seen.replays += 1
        const take = recorder.replay(first, then, seen.times ?? times)
        return () => {
          seen.taken += 1
          return take()
        }
      },
    }
  }
  return createTrainer(plan, {
    training: rowsFor(plan, plan.details.trainingRows, 1),
    validation: changes.validationRows ? rowsFor(plan, changes.validationRows, 2) : undefined,
    opened: watch ? { ...opened, createRecorder: createWatched(watch) } : opened,
    aborted,
  })
}

/** Small whole numbers, which are tokens as well, and targets of any loss. */
function rowsFor({ details }: TrainingPlan, rows: number, seed: number): TrainingData {
  const { uniform } = createRandomStream(seed, 'split')
  const drawn = (width: number, below: number, from: number) =>
    Float32Array.from({ length: rows * width }, (_, i) => Math.floor(uniform(from + i) * below))
  return {
    inputs: { values: drawn(details.inputSize, 3, 0) },
    targets: { values: drawn(details.targetSize, 2, 100_000) },
  }
}

const recorded: Readonly<Record<string, Partial<TrainingOptions>>> = {
  'an update that is always the same: sgd': {},
  'a full batch': { batchSize: 18, epochs: 2100 },
  momentum: { optimizer: momentum() },
  'nesterov, where matrices alone decay': {
    optimizer: nesterov({ weightDecay: 0.1, decays: 'matrices' }),
  },
  adam: { optimizer: adam() },
  adamw: { optimizer: adamw() },
  rmsprop: { optimizer: rmsprop() },
  'rmsprop with momentum': { optimizer: rmsprop({ momentum: 0.9 }) },
  'clipped gradients': { clipNorm: 0.5 },
  'a warm-up': { schedule: constant({ warmupSteps: 10 }) },
  'another rate at each step': { schedule: cosine() },
  'validation and early stopping': {
    validationRows: 10,
    earlyStopping: { patience: 690, restoreBest: true },
  },
  'mean squared error': {
    network: mlp({ hidden: [5], activation: 'relu', outputs: 2 }),
    loss: meanSquaredError(),
  },
  'binary cross-entropy': {
    network: mlp({ hidden: [5], activation: 'gelu', outputs: 2, outputActivation: 'sigmoid' }),
    loss: binaryCrossEntropy(),
  },
  'batch normalization': {
    network: sequential([
      dense({ units: 6 }),
      batchNorm(),
      relu(),
      dense({ units: classes }),
      softmax(),
    ]),
  },
  'products and activations large enough for machine code': {
    network: sequential([
      dense({ units: 48 }),
      gelu(),
      dense({ units: 48 }),
      gelu(),
      dense({ units: classes }),
      softmax(),
    ]),
    trainingRows: 32,
    batchSize: 32,
    epochs: 2100,
  },
  convolution: {
    network: cnn({ conv: [3], hidden: [4], outputs: classes, outputActivation: 'softmax' }),
    inputShape: [1, 6, 6],
  },
  'a convolution of each channel by itself': {
    network: sequential([
      conv2d({ filters: 2, kernelSize: [3, 3], groups: 2 }),
      relu(),
      flatten(),
      dense({ units: classes }),
      softmax(),
    ]),
    inputShape: [2, 5, 5],
  },
  'a convolution of one channel to one': {
    network: sequential([
      conv2d({ filters: 1, kernelSize: [3, 3] }),
      relu(),
      flatten(),
      dense({ units: classes }),
      softmax(),
    ]),
    inputShape: [1, 5, 5],
  },
  attention: {
    network: gpt({ layers: 1, heads: 2, channels: 8, context: 4, vocabulary: classes }),
    inputShape: [4],
  },
}

const writtenOut = 1e9
/** By how often a step is said to be taken. */
const sorts = [
  ['all kernels called', 1],
  ['small products written out', writtenOut],
] as const

describe.each(Object.entries(recorded))('%s', (_, changes) => {
  test.each(sorts)(
    'gives the bits and the points of steps that are not recorded: %s',
    (_, times) => {
      expectSameSteps(changes, times)
    },
  )
})

test('gives them for networks of any shape, with any optimizer', () => {
  const size = fc.integer({ min: 1, max: 20 })
  const shapes = fc.record({
    inputs: size,
    hidden: fc.array(size, { minLength: 1, maxLength: 2 }),
    outputs: size,
    rows: size,
    activation: fc.constantFrom('relu', 'tanh', 'sigmoid', 'gelu'),
    optimizer: fc.constantFrom(sgd(), momentum(), nesterov(), adam(), adamw(), rmsprop()),
  })
  const cases = fc.property(shapes, (shape) => {
    const { inputs, hidden, outputs, rows, activation, optimizer } = shape
    const changes = {
      network: mlp({ hidden, activation, outputs }),
      inputShape: [inputs],
      trainingRows: rows,
      batchSize: rows,
      loss: meanSquaredError(),
      optimizer,
      learningRate: 1e-3,
      epochs: 2000,
    } satisfies Partial<TrainingOptions>
    expectSameSteps(changes, writtenOut)
  })
  fc.assert(cases, { numRuns: 30 })
})

function expectSameSteps(changes: Partial<TrainingOptions>, times: number): void {
  const watch = { replays: 0, taken: 0, times }
  const [replayed, plain] = [trainerOf(changes, watch), trainerOf(changes, null)]
  const [report, expected] = [replayed.run(all), plain.run(all)]

  expect(watch.replays).toBe(1)
  expect(watch.taken).toBeGreaterThan(1300)
  expect(report).toEqual(expected)
  expect(replayed.snapshot()).toEqual(plain.snapshot())
}

const unlike: Readonly<Record<string, Partial<TrainingOptions>>> = {
  'dropout draws anew at each step': {
    network: sequential([
      dense({ units: 6 }),
      dropout({ rate: 0.2 }),
      dense({ units: 3 }),
      softmax(),
    ]),
  },
  'several batches are one step': { gradientAccumulation: 2, epochs: 1100 },
  'sinusoids are computed outside of the tables': {
    network: sequential([
      embedding({ vocabulary: 3, channels: 4 }),
      sinusoidalPositions(),
      attention({ heads: 2 }),
      flatten(),
      dense({ units: classes }),
      softmax(),
    ]),
    inputShape: [4],
  },
  'angles are computed outside of the tables': {
    network: sequential([
      embedding({ vocabulary: 3, channels: 4 }),
      attention({ heads: 2, rotary: true }),
      flatten(),
      dense({ units: classes }),
      softmax(),
    ]),
    inputShape: [4],
  },
  'there would be too many calls': {
    network: sequential([
      conv2d({ filters: 1, kernelSize: [2, 2] }),
      flatten(),
      dense({ units: classes }),
      softmax(),
    ]),
    inputShape: [1, 3, 3],
    trainingRows: 600,
    batchSize: 600,
    epochs: 2100,
  },
  'there are too few steps': { epochs: 600 },
  'a step is long': {
    network: sequential([dense({ units: 20_000 }), relu(), dense({ units: 3 }), softmax()]),
  },
}

test.each(Object.entries(unlike))('nothing is recorded where %s', (_, changes) => {
  const watch = { replays: 0, taken: 0 }
  trainerOf(changes, watch).run(2)

  expect(watch).toEqual({ replays: 0, taken: 0 })
})

test('a loss that is not finite changes no parameter', () => {
  const diverging = {
    network: mlp({ hidden: [5], activation: 'relu', outputs: 1 }),
    loss: meanSquaredError(),
    learningRate: 30,
    batchSize: 9, // no step of an epoch is unlike the others, so it is a recorded one that fails
    epochs: 1100,
  } satisfies Partial<TrainingOptions>
  const watch = { replays: 0, taken: 0 }
  const [replayed, plain] = [trainerOf(diverging, watch), trainerOf(diverging, null)]
  const ends = [replayed, plain].map((trainer) => {
    const { step, points } = trainer.run(all)
    return { step, points, error: errorOf(() => trainer.run(1)), snapshot: trainer.snapshot() }
  })

  expect(watch.taken).toBeGreaterThan(2)
  expect(ends[0].error).toMatch(/^loss_not_finite: The loss became (NaN|Infinity) at step/)
  expect(ends[0]).toEqual(ends[1])
})

describe('a step that does not compile', () => {
  const plan = planTraining(options)
  const opened = backend.open(plan.memoryBytes)
  const failing = {
    training: rowsFor(plan, plan.details.trainingRows, 1),
    opened: {
      ...opened,
      createRecorder: () => ({
        kernels: opened.createRecorder!().kernels,
        take: () => [],
        replay: () => new WebAssembly.Module(new Uint8Array(8)) as never,
      }),
    },
  }

  test('is an error', () => {
    expect(() => createTrainer(plan, failing)).toThrow('WebAssembly.Module()')
  })

  test('is called kernel by kernel where somebody is told, with the same bits', () => {
    const errors: unknown[] = []
    const onUncompiled = (error: unknown) => errors.push(error)
    const trainer = createTrainer(plan, { ...failing, onUncompiled })
    const plain = trainerOf({}, null)

    expect(trainer.run(all)).toEqual(plain.run(all))
    expect(trainer.snapshot()).toEqual(plain.snapshot())
    expect(errors).toEqual([expect.objectContaining({ name: 'CompileError' })])
  })
})

test('can be abandoned between its steps, and goes on with the same bits', () => {
  const watch = { replays: 0, taken: 0 }
  let asked = 0
  const replayed = trainerOf({}, watch, () => ++asked === 3)
  const plain = trainerOf({}, null)
  const first = replayed.run(all)
  const rest = replayed.run(all)
  plain.run(all)

  expect(first).toMatchObject({ aborted: true, finished: false })
  expect(first.step).toBeLessThan(100)
  expect(rest).toMatchObject({ aborted: false, finished: true })
  expect(replayed.snapshot()).toEqual(plain.snapshot())
})

function errorOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof EngineError ? `${error.code}: ${error.message}` : String(error)
  }
}
