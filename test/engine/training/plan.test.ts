import { describe, expect, test } from 'vitest'

import {
  adam,
  binaryCrossEntropy,
  createTrainer,
  dense,
  EngineError,
  meanSquaredError,
  mlp,
  planTraining,
  referenceBackend,
  relu,
  sequential,
  sgd,
  sigmoid,
  softmax,
  type TrainingOptions,
} from '../../../src/engine/index.ts'
import { sectors, sectorsOptions } from './problems.ts'

const plan = (changes: Partial<TrainingOptions> = {}) =>
  planTraining({ ...sectorsOptions, ...changes })

describe('steps', () => {
  test('an epoch ends with a smaller batch', () => {
    expect(plan()).toMatchObject({ batchSize: 8, stepsPerEpoch: 7, steps: 28, epochs: 4 })
  })

  test('a batch is at most all rows', () => {
    expect(plan({ batchSize: 1000 })).toMatchObject({ batchSize: 50, stepsPerEpoch: 1, steps: 4 })
  })

  test('steps may be given instead of epochs, and may end within one', () => {
    expect(plan({ epochs: undefined, steps: 10 })).toMatchObject({ steps: 10, epochs: 2 })
  })
})

describe('bytes', () => {
  test('every part is what it must be, by hand', () => {
    const { bytes, parameters, memoryBytes } = plan({
      optimizer: adam(),
      validationRows: 10,
      earlyStopping: { patience: 1, restoreBest: true },
    })

    expect(parameters).toBe(2 * 6 + 6 + 6 * 3 + 3)
    // 12, 6, 18 and 3 numbers of 4 bytes, each up to a multiple of 64 bytes: 64 + 64 + 128 + 64.
    expect(bytes.parameters).toBe(320)
    expect(bytes.gradients).toBe(320)
    expect(bytes.optimizer).toBe(640)
    expect(bytes.best).toBe(320)
    // Batches of 8: inputs 64, targets 64 (32), logits 128 (96), the output of tanh 192 (of the one
    // before it nothing is read again), losses 64 (32) and probabilities 128 (96).
    expect(bytes.activations).toBe(64 + 64 + 128 + 192 + 64 + 128)
    // The gradient of the logits, and two buffers for those of the hidden outputs.
    expect(bytes.scratch).toBe(128 + 192 + 192)
    // 60 rows of 3 numbers, and the order of 50.
    expect(bytes.data).toBe(60 * 3 * 4 + 50 * 4)
    expect(bytes.snapshot).toBe(320 + 640 + 320)
    expect(bytes.total).toBe(memoryBytes + bytes.data + bytes.snapshot)
    const { parameters: p, gradients, optimizer, best, activations, scratch } = bytes
    expect(memoryBytes).toBe(p + gradients + optimizer + best + activations + scratch)
  })

  test('the planned memory is enough, and one byte less is refused', () => {
    const training = sectors(50)
    const { memoryBytes } = plan()
    createTrainer(plan(), { training, opened: referenceBackend.open(memoryBytes) })

    const opened = referenceBackend.open(memoryBytes - 1)
    expect(() => createTrainer(plan(), { training, opened })).toThrow(
      `expected ${memoryBytes} bytes from an offset that is a multiple of 64`,
    )
  })

  test('a network far too large is planned in no time, and counted exactly', () => {
    const network = mlp({ hidden: [1_000_000, 1_000_000], activation: 'relu', outputs: 1 })
    const large = plan({ network, loss: meanSquaredError() })

    expect(large.parameters).toBe(2e6 + 1e6 + 1e12 + 1e6 + 1e6 + 1)
    expect(large.bytes.parameters).toBeGreaterThanOrEqual(4 * large.parameters)
  })

  test('what no number can count is refused', () => {
    const network = mlp({ hidden: [1e9, 1e6], activation: 'relu', outputs: 1 })
    expect(() => plan({ network, loss: meanSquaredError() })).toThrow('too large to count exactly')
  })
})

test('the operations of a step are those of its layers, loss and optimizer, by hand', () => {
  const forward = 2 * 2 * 6 + 6 * 20 + 2 * 6 * 3 + 3 * 25
  const backward = 2 * (2 * 2 * 6) + 6 * 20 + 2 * (2 * 6 * 3) + 3 * 2
  const update = 80 * 4 // 320 bytes of parameters, gaps included
  const { flopsPerStep, flops } = plan({ validationRows: 30 })

  expect(flopsPerStep).toBe(8 * (forward + backward) + update)
  expect(flops).toBe(4 * 50 * (forward + backward) + 28 * update + 4 * 30 * forward)
  const cut = plan({ epochs: undefined, steps: 10 }).flops
  expect(cut).toBe((50 + 3 * 8) * (forward + backward) + 10 * update)
})

test('operations grow with the batch, and a job has as many as its steps', () => {
  const network = sequential([dense({ units: 1000 }), dense({ units: 1000 })])
  const wide = { network, inputShape: [1000], trainingRows: 64, loss: meanSquaredError() }
  const { flopsPerStep, flops } = plan({ ...wide, batchSize: 32, epochs: 10 })

  // 2 * 1000 * 1000 forward and twice that backward, for two layers and 32 rows; and some more.
  expect(flopsPerStep / (6 * 2e6 * 32)).toBeCloseTo(1, 1)
  expect(flops / (20 * flopsPerStep)).toBeCloseTo(1, 6)
})

describe('points', () => {
  test('a short job reports each step; a longer one by its operations, and at most 2,000 points', () => {
    expect(plan()).toMatchObject({ reportEvery: 1, metrics: ['loss', 'accuracy'], points: 28 + 4 })

    const small = plan({ epochs: 500 })
    expect(small.flops).toBeLessThan(250 * 2e6)
    expect(small.points).toBeLessThanOrEqual(250)
    expect(small.points).toBeGreaterThan(230)

    const medium = plan({ epochs: 50_000 })
    expect(medium.points).toBeLessThanOrEqual(medium.flops / 2e6)
    expect(medium.points).toBeGreaterThan(0.95 * (medium.flops / 2e6))

    const long = plan({ epochs: 500_000, validationRows: 5 })
    expect(long.metrics).toEqual(['loss', 'accuracy', 'validation_loss', 'validation_accuracy'])
    expect(long.points).toBeLessThanOrEqual(2000)
    expect(long.points).toBeGreaterThan(1900)
  })

  test('an interval that is asked for is kept', () => {
    expect(plan({ reportEvery: 10 })).toMatchObject({ reportEvery: 10, points: 3 + 2 })
  })
})

test('the fingerprint changes with everything that changes a bit, and with nothing else', () => {
  const variants: Partial<TrainingOptions>[] = [
    {},
    { seed: 12 },
    { learningRate: 0.4 },
    { optimizer: adam() },
    { optimizer: adam({ beta1: 0.8 }) },
    { batchSize: 9 },
    { epochs: 5 },
    { trainingRows: 49 },
    { validationRows: 1 },
    { shuffle: false },
    { clipNorm: 1 },
    { earlyStopping: { patience: 1 } },
    { reportEvery: 2 },
    { dtype: 'float64' },
    { network: mlp({ hidden: [7], activation: 'tanh', outputs: 3, outputActivation: 'softmax' }) },
  ]
  const fingerprints = variants.map((changes) => plan(changes).fingerprint)

  expect(new Set(fingerprints).size).toBe(variants.length)
  expect(plan({ epochs: undefined, steps: 28 }).fingerprint).toBe(plan().fingerprint)
})

describe('refusals', () => {
  const codeOf = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      if (error instanceof EngineError) return error.code
    }
    return 'none'
  }

  test.each<[string, Partial<TrainingOptions>, string]>([
    ['no rows', { trainingRows: 0 }, 'training: trainingRows must be an integer >= 1'],
    ['a broken batch', { batchSize: 2.5 }, 'training: batchSize'],
    ['a negative rate', { learningRate: -1 }, 'training: learningRate must be a number >= 0'],
    ['an infinite rate', { learningRate: Infinity }, 'training: learningRate'],
    ['a seed too large', { seed: 2 ** 53 }, 'training: seed'],
    ['no length', { epochs: undefined }, 'give either epochs or steps'],
    ['two lengths', { steps: 5 }, 'give either epochs or steps'],
    ['more steps than a word counts', { epochs: 1e9 }, 'training: steps'],
    ['an empty input', { inputShape: [0] }, 'each dimension of inputShape'],
    ['a clip of zero', { clipNorm: 0 }, 'training: clipNorm must be a number > 0'],
    ['no patience', { earlyStopping: { patience: 0 } }, 'earlyStopping: patience'],
    [
      'a monitor that is not there',
      { earlyStopping: { patience: 1, monitor: 'validation_loss' } },
      'cannot monitor validation_loss; this job has loss, accuracy',
    ],
    [
      'logits under a cross-entropy',
      { network: mlp({ hidden: [2], activation: 'relu', outputs: 3 }) },
      'categorical_cross_entropy: the network must end in softmax, after other layers, but it ends in dense',
    ],
    [
      'the other activation',
      { network: sequential([dense({ units: 3 }), softmax()]), loss: binaryCrossEntropy() },
      'must end in sigmoid',
    ],
    [
      'nothing but the activation',
      { network: sequential([softmax()]) },
      'must end in softmax, after',
    ],
    [
      'no parameters',
      { network: sequential([relu(), softmax()]) },
      'expected layers with parameters, got none',
    ],
  ])('%s', (_name, changes, message) => {
    expect(() => plan(changes)).toThrow(message)
    expect(codeOf(() => plan(changes))).toBe('invalid_definition')
  })

  test('one class only is a wrong shape', () => {
    const network = sequential([dense({ units: 1 }), softmax()])
    expect(codeOf(() => plan({ network }))).toBe('shape_mismatch')
  })
})

test('the activation is absorbed at the end of nested sequences too', () => {
  const inner = sequential([dense({ units: 1 }), sigmoid()])
  const nested = plan({
    network: sequential([dense({ units: 4 }), inner]),
    loss: binaryCrossEntropy(),
    optimizer: sgd(),
  })

  expect(nested.parameters).toBe(2 * 4 + 4 + 4 + 1)
  expect(nested.outputShape).toEqual([1])
})
