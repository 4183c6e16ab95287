import { describe, expect, test } from 'vitest'

import {
  adam,
  createTrainer,
  EngineError,
  type MetricPoint,
  meanSquaredError,
  mlp,
  planTraining,
  referenceKernels,
  sgd,
  solo,
  type Trainer,
  type TrainingData,
  type TrainingOptions,
} from '../../../src/engine/index.ts'
import { sectors, sectorsOptions, sectorsTrainer, xor } from './problems.ts'

const all = 1_000_000

function seriesOf(points: readonly MetricPoint[], name: string): [number, number][] {
  return points.filter((point) => point.name === name).map(({ step, value }) => [step, value])
}

function bitsOf(trainer: Trainer): string {
  return JSON.stringify(Object.entries(trainer.weights()).map(([name, t]) => [name, ...t.data]))
}

describe('training', () => {
  test('learns: the loss falls and the accuracy rises', () => {
    const { points, finished } = sectorsTrainer({ epochs: 60 }).run(all)
    const losses = seriesOf(points, 'loss')
    const accuracies = seriesOf(points, 'accuracy')

    expect(finished).toBe(true)
    expect(losses.at(-1)?.[1]).toBeLessThan(losses[0][1] / 3)
    expect(accuracies.at(-1)?.[1]).toBeGreaterThan(0.9)
  })

  test('the same plan and data give the same bits, another seed others', () => {
    const [first, second, other] = [{}, {}, { seed: 12 }].map((changes) => {
      const trainer = sectorsTrainer(changes)
      trainer.run(all)
      return bitsOf(trainer)
    })

    expect(second).toBe(first)
    expect(other).not.toBe(first)
  })

  test('slices of any size give the bits and points of one long run', () => {
    const whole = sectorsTrainer({ validationRows: 20 })
    const expected = whole.run(all).points
    for (const units of [1, 2, 5]) {
      const sliced = sectorsTrainer({ validationRows: 20 })
      const points: MetricPoint[] = []
      for (let report = sliced.run(0); !report.finished; ) {
        report = sliced.run(units)
        points.push(...report.points)
      }
      expect(points).toEqual(expected)
      expect(bitsOf(sliced)).toBe(bitsOf(whole))
    }
  })

  test('a unit is a step or a validation batch', () => {
    const trainer = sectorsTrainer({ validationRows: 20 }) // three batches of validation
    expect(trainer.run(7)).toMatchObject({ step: 7, epoch: 0 })
    expect(trainer.run(2)).toMatchObject({ step: 7, epoch: 0 })
    expect(trainer.run(1)).toMatchObject({ step: 7, epoch: 1 })
    expect(trainer.run(1)).toMatchObject({ step: 8, epoch: 1 })
  })

  test('a finished trainer does no more', () => {
    const trainer = sectorsTrainer()
    trainer.run(all)
    const bits = bitsOf(trainer)

    expect(trainer.run(all)).toMatchObject({ finished: true, points: [], step: 28 })
    expect(bitsOf(trainer)).toBe(bits)
  })

  test('shuffling changes the order of each epoch, and nothing where a batch is all rows', () => {
    const [shuffled, ordered] = [true, false].map((shuffle) => {
      const trainer = sectorsTrainer({ shuffle })
      trainer.run(all)
      return bitsOf(trainer)
    })
    expect(shuffled).not.toBe(ordered)

    const [full, fullOrdered] = [true, false].map((shuffle) => {
      const trainer = sectorsTrainer({ shuffle, batchSize: 50 })
      trainer.run(all)
      return bitsOf(trainer)
    })
    expect(full).toBe(fullOrdered)
  })

  test('a full batch is loaded again after validation has used its place', () => {
    const changes = { batchSize: 50, epochs: 3 }
    const plain = sectorsTrainer(changes)
    const validated = sectorsTrainer({ ...changes, validationRows: 20 })
    plain.run(all)
    validated.run(all)

    expect(bitsOf(validated)).toBe(bitsOf(plain))
  })

  test('gradients are clipped to their norm', () => {
    const lengthOfFirstStep = (clipNorm: number | undefined) => {
      const trainer = sectorsTrainer({ clipNorm, learningRate: 1 })
      const before = Object.values(trainer.weights()).flatMap(({ data }) => [...data])
      trainer.run(1)
      const after = Object.values(trainer.weights()).flatMap(({ data }) => [...data])
      return Math.sqrt(after.reduce((sum, value, i) => sum + (value - before[i]) ** 2, 0))
    }

    expect(lengthOfFirstStep(undefined)).toBeGreaterThan(0.01)
    expect(lengthOfFirstStep(0.01)).toBeCloseTo(0.01, 6)
    expect(lengthOfFirstStep(100)).toBe(lengthOfFirstStep(undefined))
  })
})

describe('points', () => {
  test('a loss point is the mean over its interval, the last one over what is left', () => {
    const each = seriesOf(sectorsTrainer({ reportEvery: 1 }).run(all).points, 'loss')
    const tenth = seriesOf(sectorsTrainer({ reportEvery: 10 }).run(all).points, 'loss')
    const mean = (from: number, to: number) =>
      each.slice(from, to).reduce((sum, [, value]) => sum + value, 0) / (to - from)

    expect(each.map(([step]) => step)).toEqual(Array.from({ length: 28 }, (_, i) => i + 1))
    expect(tenth.map(([step]) => step)).toEqual([10, 20, 28])
    expect(tenth[0][1]).toBeCloseTo(mean(0, 10), 12)
    expect(tenth[2][1]).toBeCloseTo(mean(20, 28), 12)
  })

  test('accuracies are pooled over the epochs of their interval', () => {
    const changes = { validationRows: 20, epochs: 5 }
    const each = sectorsTrainer({ ...changes, reportEvery: 1 }).run(all).points
    const pooled = sectorsTrainer({ ...changes, reportEvery: 14 }).run(all).points

    for (const name of ['accuracy', 'validation_loss', 'validation_accuracy']) {
      const [a, b, c, d, e] = seriesOf(each, name).map(([, value]) => value)
      const [first, second, third] = seriesOf(pooled, name)
      expect([first[0], second[0], third[0]]).toEqual([14, 28, 35])
      expect(first[1]).toBeCloseTo((a + b) / 2, 12)
      expect(second[1]).toBeCloseTo((c + d) / 2, 12)
      expect(third[1]).toBeCloseTo(e, 12)
    }
  })

  test('there are as many as planned', () => {
    for (const changes of [{}, { reportEvery: 3 }, { reportEvery: 9, validationRows: 10 }]) {
      const plan = planTraining({ ...sectorsOptions, ...changes })
      expect(sectorsTrainer(changes).run(all).points).toHaveLength(plan.points)
    }
  })

  test('accuracy is over the rows of the epoch; validation is of the weights after it', () => {
    const { points } = sectorsTrainer(
      { epochs: 1, validationRows: 50, learningRate: 0 },
      {
        validation: sectors(50), // the training rows again, and nothing is learned
      },
    ).run(all)
    const [[step, accuracy]] = seriesOf(points, 'accuracy')
    const [[, validated]] = seriesOf(points, 'validation_accuracy')
    const [[, loss]] = seriesOf(points, 'validation_loss')
    const fullBatch = sectorsTrainer({ epochs: 1, batchSize: 50 }).run(1)

    expect(step).toBe(7)
    expect(validated).toBe(accuracy)
    expect(accuracy * 50).toBeCloseTo(Math.round(accuracy * 50), 10)
    expect(loss).toBeCloseTo(fullBatch.points[0].value, 6)
  })

  test('regression reports losses only', () => {
    const { points } = createTrainer(
      planTraining({
        network: mlp({ hidden: [2], activation: 'sigmoid', outputs: 1 }),
        inputShape: [2],
        trainingRows: 4,
        validationRows: 4,
        loss: meanSquaredError(),
        optimizer: sgd(),
        learningRate: 0.1,
        batchSize: 4,
        epochs: 2,
        seed: 0,
      }),
      { training: xor, validation: xor },
    ).run(all)

    expect(points.map(({ name }) => name)).toEqual([
      'loss',
      'validation_loss',
      'loss',
      'validation_loss',
    ])
  })

  test('an epoch cut short by the last step is reported too', () => {
    const { points, epoch } = sectorsTrainer({ epochs: undefined, steps: 10 }).run(all)

    expect(seriesOf(points, 'accuracy').map(([step]) => step)).toEqual([7, 10])
    expect(epoch).toBe(2)
  })
})

describe('stopping', () => {
  test('stop ends training now, and hands over what was not yet reported', () => {
    const trainer = sectorsTrainer({ reportEvery: 100 })
    trainer.run(5)
    const bits = bitsOf(trainer)
    const { finished, stoppedEarly, points, step } = trainer.stop()

    expect({ finished, stoppedEarly, step }).toEqual({
      finished: true,
      stoppedEarly: false,
      step: 5,
    })
    expect(points.map((point) => [point.name, point.step])).toEqual([['loss', 5]])
    expect(bitsOf(trainer)).toBe(bits)
    expect(trainer.run(all)).toMatchObject({ finished: true, step: 5, points: [] })
  })

  test('an abort within a step leaves the state before it, and training can go on', () => {
    const whole = sectorsTrainer({ validationRows: 20, optimizer: adam() })
    const expected = whole.run(all).points
    // Abort at the nth layer, for many n: within forward, backward and validation.
    for (let n = 1; n < 60; n += 4) {
      let layers = 0
      const aborted = () => ++layers === n
      const trainer = sectorsTrainer({ validationRows: 20, optimizer: adam() }, { aborted })
      const first = trainer.run(all)
      const rest = trainer.run(all)

      expect(first).toMatchObject({ aborted: true, finished: false })
      expect(rest).toMatchObject({ aborted: false, finished: true })
      expect([...first.points, ...rest.points]).toEqual(expected)
      expect(bitsOf(trainer)).toBe(bitsOf(whole))
    }
  })

  test('progress counts the layers computed', () => {
    const progress = new Int32Array(new SharedArrayBuffer(4))
    sectorsTrainer({}, { progress }).run(2)

    expect(progress[0]).toBe(2 * (3 + 3)) // dense, tanh, dense; softmax is part of the loss
  })
})

describe('a loss that is not finite', () => {
  const diverging = { learningRate: 1e6, reportEvery: 100, loss: meanSquaredError() }
  const network = mlp({ hidden: [6], activation: 'relu', outputs: 1 })
  const create = () => sectorsTrainer({ ...diverging, network })

  test('hands over the points before it first, then fails with the step and advice', () => {
    const trainer = create()
    const { points, finished, step } = trainer.run(all)

    expect(finished).toBe(false)
    expect(points.length).toBeGreaterThan(0)
    expect(points.every(({ value }) => Number.isFinite(value))).toBe(true)
    const failure = { code: 'loss_not_finite', step: step + 1 }
    for (const call of [() => trainer.run(1), () => trainer.run(1), () => trainer.stop()]) {
      expect(call).toThrow(expect.objectContaining(failure))
      expect(call).toThrow('Lower the learning rate')
    }
  })

  test('the parameters are still those of the last finite step', () => {
    const trainer = create()
    trainer.run(all)
    const values = Object.values(trainer.weights()).flatMap(({ data }) => [...data])

    expect(values.every(Number.isFinite)).toBe(true)
  })

  test('weights ruined by the very last step are found out', () => {
    const trainer = sectorsTrainer({
      ...diverging,
      network,
      learningRate: 1e39,
      steps: 1,
      epochs: undefined,
    })
    expect(trainer.run(all)).toMatchObject({ finished: false, points: [{ step: 1 }] })
    expect(() => trainer.run(1)).toThrow(EngineError)
  })
})

describe('memory', () => {
  test('a memory handed in gives the same bits, whatever it held, from wherever it starts', () => {
    const plain = sectorsTrainer({ optimizer: adam() })
    plain.run(all)
    const { memoryBytes } = planTraining({ ...sectorsOptions, optimizer: adam() })
    const buffer = new SharedArrayBuffer(65_536 + memoryBytes)
    new Uint8Array(buffer).fill(0x7f)
    const given = sectorsTrainer(
      { optimizer: adam() },
      {
        opened: {
          kernels: referenceKernels,
          memory: { buffer, offsetBytes: 65_536 },
          team: solo,
        },
      },
    )
    given.run(all)

    expect(bitsOf(given)).toBe(bitsOf(plain))
    expect(new Uint8Array(buffer, 0, 65_536).every((byte) => byte === 0x7f)).toBe(true)
  })

  test('an offset that is not aligned is refused', () => {
    const memory = { buffer: new ArrayBuffer(100_000), offsetBytes: 8 }
    expect(() =>
      sectorsTrainer({}, { opened: { kernels: referenceKernels, memory, team: solo } }),
    ).toThrow('a multiple of 64')
  })

  test('all that is computed goes through the kernel table handed in', () => {
    const called = new Set<string>()
    const kernels = new Proxy(referenceKernels, {
      get(table, name, receiver) {
        called.add(String(name))
        return Reflect.get(table, name, receiver)
      },
    })
    const memory = { buffer: new ArrayBuffer(1_000_000) }
    sectorsTrainer(
      { optimizer: adam(), clipNorm: 1 },
      { opened: { kernels, memory, team: solo } },
    ).run(8)

    expect([...called]).toEqual(
      expect.arrayContaining(['denseForward', 'tanhBackward', 'adamStep', 'clear']),
    )
  })
})

describe('data', () => {
  const plan = planTraining(sectorsOptions)
  const { inputs, targets } = sectors(50)
  const withInput = (value: number) => {
    const changed = inputs.values.slice()
    changed[7] = value
    return { values: changed }
  }

  test.each([
    [
      'too few rows',
      { inputs: { values: inputs.values.slice(2) }, targets },
      'training inputs: expected 50 rows of 2',
    ],
    [
      'too many targets',
      { inputs, targets: { values: new Float32Array(51) } },
      'training targets: expected 50',
    ],
    [
      'float64 for float32',
      { inputs: { values: Float64Array.from(inputs.values) }, targets },
      'got 100 float64',
    ],
    ['NaN', { inputs: withInput(NaN), targets }, 'got NaN in row 3, place 1'],
    ['infinity', { inputs: withInput(-Infinity), targets }, 'got -Infinity in row 3'],
    [
      'a class that is none',
      { inputs, targets: { values: targets.values.map(() => 3) } },
      'class indices from 0 to 2',
    ],
    [
      'a class that is none, among integers',
      { inputs, targets: { values: new Uint8Array(50).fill(3) } },
      'class indices from 0 to 2, got 3 at 0',
    ],
    [
      'integers that become no class when scaled',
      { inputs, targets: { values: new Uint8Array(50).fill(1), scale: 0.5 } },
      'class indices from 0 to 2, got 0.5 at 0',
    ],
    [
      'bytes of other rows',
      { inputs: { values: new Uint8Array(99) }, targets },
      'expected 50 rows of 2 integers, got 99 integers',
    ],
    [
      'windows that do not end with the array',
      { inputs: { values: new Uint8Array(50), stride: 1 }, targets },
      'expected 50 rows of 2 integers, 1 apart, got 50 integers',
    ],
    [
      'a stride that is none',
      { inputs: { values: inputs.values, stride: 0 }, targets },
      'expected a stride of at least 1',
    ],
    [
      'a scale that is none',
      { inputs: { values: inputs.values, scale: NaN }, targets },
      'a finite scale and a finite offset, got 2, NaN and 0',
    ],
  ])('%s is refused', (_name, training, message) => {
    expect(() => createTrainer(plan, { training })).toThrow(message)
    expect(() => createTrainer(plan, { training })).toThrow(EngineError)
  })

  test('validation must be there when planned, and only then', () => {
    const training = { inputs, targets }
    expect(() => createTrainer(plan, { training, validation: training })).toThrow('validation: ')
    const validated = planTraining({ ...sectorsOptions, validationRows: 5 })
    expect(() => createTrainer(validated, { training })).toThrow('expected 5 rows')
  })
})

describe('rows that are no floats', () => {
  const options: TrainingOptions = { ...sectorsOptions, trainingRows: 40, epochs: 2 }
  const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 37) % 256)
  const classes = Uint8Array.from({ length: 40 }, (_, i) => (i * 7) % 3)

  test('train to the bits of the floats that they stand for', () => {
    const asBytes = { inputs: { values: bytes, scale: 1 / 255 }, targets: { values: classes } }
    const asFloats = {
      inputs: { values: Float32Array.from(bytes, (byte) => byte * (1 / 255)) },
      targets: { values: Float32Array.from(classes) },
    }
    const weightsOf = (training: TrainingData) => {
      const plan = planTraining({ ...options, validationRows: 40 })
      const trainer = createTrainer(plan, { training, validation: training })
      const { points } = trainer.run(1_000_000)
      return { points, weights: trainer.weights() }
    }

    expect(weightsOf(asBytes)).toEqual(weightsOf(asFloats))
  })

  test('windows of a text train to the bits of the same rows written out', () => {
    const text = Uint8Array.from({ length: 42 }, (_, i) => (i * i) % 3)
    const windows = {
      inputs: { values: text.subarray(0, 41), stride: 1 },
      targets: { values: text.subarray(2), stride: 1 },
    }
    const rows = {
      inputs: {
        values: Float32Array.from({ length: 80 }, (_, i) => text[Math.floor(i / 2) + (i % 2)]),
      },
      targets: { values: Float32Array.from(text.subarray(2)) },
    }
    const weightsOf = (training: TrainingData) => {
      const trainer = createTrainer(planTraining(options), { training })
      trainer.run(1_000_000)
      return trainer.weights()
    }

    expect(weightsOf(windows)).toEqual(weightsOf(rows))
  })

  test('take up what they are said to take up, and the plan is else the same', () => {
    const floats = planTraining(options)
    const said = planTraining({ ...options, dataBytes: 120 })

    expect(said.bytes.data).toBe(120 + 40 * 4)
    expect(floats.bytes.data - said.bytes.data).toBe(40 * 3 * 4 - 120)
    expect(said.fingerprint).toBe(floats.fingerprint)
    expect(said.bytes.total).toBe(floats.bytes.total - 40 * 3 * 4 + 120)
  })
})
