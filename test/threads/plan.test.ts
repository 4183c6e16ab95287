import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { AppError } from '../../src/contract/errors.ts'
import { epochsOf, Plan } from '../../src/contract/plans.ts'
import type { Limits } from '../../src/contract/tenancy.ts'
import { resolveTask } from '../../src/data/resolve.ts'
import type { StepTime } from '../../src/threads/calibration.ts'
import { checkLimits } from '../../src/threads/check-limits.ts'
import { planJob, planTask } from '../../src/threads/plan.ts'
import { brightEnds } from '../support/idx.ts'
import { imageFile, profileOf, textFile, xor } from './support/datasets.ts'
import { aSpec, aTextSpec, aWindowReader } from './support/specs.ts'

const iris = readFileSync('examples/data/iris.csv')
const irisData = { profile: profileOf('csv', iris), bytes: iris.length }
const xorData = { profile: xor.profile, bytes: xor.bytes.byteLength }
const species = { target: { column: 'species' } }

function complaintsOf(differences: Parameters<typeof aSpec>[0]) {
  try {
    planJob(aSpec({ ...species, ...differences }), irisData, null)
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, errors: error.errors }
    throw error
  }
  return null
}

describe('planJob', () => {
  test('counts XOR as by hand', () => {
    const plan = planJob(aSpec({ training: { epochs: 500, batch_size: 'full' } }), xorData, null)

    expect(plan).toMatchObject({
      task: 'classification',
      inputs: 2,
      outputs: 1,
      training_rows: 4,
      validation_rows: 0,
      parameters: 2 * 4 + 4 + 4 + 1,
      steps: 500,
      steps_per_epoch: 1,
      report_every: 4, // 125 losses and 125 accuracies
    })
    expect(Plan.parse(plan)).toEqual(plan)
  })

  test('plans the held-out part, and every row once per epoch', () => {
    const training = { epochs: 20, batch_size: 16, validation: { fraction: 0.2 } }
    const plan = planJob(aSpec({ ...species, training }), irisData, null)

    expect(plan).toMatchObject({ inputs: 4, outputs: 3, training_rows: 120, validation_rows: 30 })
    expect(plan.steps_per_epoch).toBe(8)
    expect(plan.steps).toBe(160)
  })

  test('a number of steps may end within an epoch', () => {
    const training = { steps: 12, batch_size: 16, validation: { fraction: 0.2 } }
    const plan = planJob(aSpec({ ...species, training }), irisData, null)

    expect(plan).toMatchObject({ steps: 12, steps_per_epoch: 8, points: 12 + 2 * 3 })
    expect(epochsOf(plan)).toBe(2)
  })

  test('a validation dataset adds its rows and its file', () => {
    const validation = { dataset: 'ds_00000000000000000000000000000000' }
    const spec = aSpec({ ...species, training: { validation } })
    const alone = planJob(aSpec(species), irisData, null)
    const both = planJob(spec, irisData, irisData)

    expect(both).toMatchObject({ training_rows: 150, validation_rows: 150 })
    // Encoded inputs and target, parsed cells, the order of the rows, and the file.
    const more = 150 * 4 * (4 + 1) + 150 * (4 * 8 + 4 + 8) + iris.length
    expect(both.bytes.data - alone.bytes.data).toBe(more)
  })

  test('the total is the sum of its parts', () => {
    const early_stopping = { patience: 3 }
    const plan = planJob(aSpec({ ...species, training: { early_stopping } }), irisData, null)
    const { total, ...parts } = plan.bytes

    expect(total).toBe(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0))
  })

  test('seconds follow from the calibration: a power between what was measured, a line beyond', () => {
    const plan = (small: StepTime, large: StepTime) =>
      planJob(aSpec(), xorData, null, {
        small,
        large: { dense: large, convolution: small, attention: small },
        trainingThreads: 1,
      })
    const { flops, steps } = plan({ flops: 1, seconds: 1 }, { flops: 2, seconds: 2 })
    const step = flops / steps
    const secondsOf = (small: StepTime, large: StepTime) => plan(small, large).seconds / steps

    // Four times the operations in twice the time: the root.
    const small = { flops: step / 9, seconds: 2 }
    expect(secondsOf(small, { flops: step * 4, seconds: 12 })).toBeCloseTo(6, 9)
    expect(secondsOf(small, { flops: step, seconds: 7 })).toBeCloseTo(7, 9)
    expect(secondsOf(small, { flops: step / 3, seconds: 7 })).toBeCloseTo(21, 9)
    // A large one that was quicker is a measurement that something disturbed.
    expect(secondsOf(small, { flops: step * 4, seconds: 1 })).toBeCloseTo(2, 9)
  })

  test('a small spec is planned in a millisecond, a huge one without being built', () => {
    const layers = Array.from({ length: 255 }, () => ({ type: 'dense' as const, units: 65_536 }))
    const model = {
      type: 'layers' as const,
      layers: [...layers, { type: 'dense' as const, units: 3 }],
    }
    const spec = aSpec(species)
    const huge = aSpec({ ...species, model })
    for (let warm = 0; warm < 50; warm++) planJob(spec, irisData, null)

    const start = performance.now()
    for (let i = 0; i < 20; i++) planJob(spec, irisData, null)
    // 1 ms each, and as much again for a machine that is busy with other tests.
    expect((performance.now() - start) / 20).toBeLessThan(2)
    expect(planJob(huge, irisData, null).parameters).toBeGreaterThan(1e12)
  })
})

test('every setting of the training reaches the engine', () => {
  const spec = aSpec({
    training: {
      epochs: 7,
      batch_size: 2,
      shuffle: false,
      seed: 99,
      optimizer: { type: 'adamw', learning_rate: 0.5 },
      schedule: { type: 'cosine', final_factor: 0.25 },
      gradient_clipping: { max_norm: 3 },
      validation: { fraction: 0.25 },
      early_stopping: { patience: 5, min_delta: 0.1, monitor: 'loss', restore_best: false },
      report_every: 4,
    },
  })
  const { plan } = planTask(spec, resolveTask(spec, xor.profile, null))

  expect(plan.details.options).toMatchObject({
    inputShape: [2],
    trainingRows: 3,
    validationRows: 1,
    loss: { definition: { type: 'binary_cross_entropy' } },
    optimizer: { definition: { type: 'adamw' } },
    learningRate: 0.5,
    schedule: { definition: { type: 'cosine', finalFactor: 0.25 } },
    batchSize: 2,
    epochs: 7,
    seed: 99,
    shuffle: false,
    clipNorm: 3,
    earlyStopping: { patience: 5, minDelta: 0.1, monitor: 'loss', restoreBest: false },
    reportEvery: 4,
  })
})

describe('what does not fit is an invalid_spec, with a pointer', () => {
  const layers = [{ type: 'dense' as const, units: 2 }]
  const monitor = 'validation_loss' as const
  const cases: [string, Parameters<typeof aSpec>[0]][] = [
    ['/target/column', { target: { column: 'specie' } }],
    ['/model/layers/0', { model: { type: 'layers', layers } }],
    [
      '/training/early_stopping/monitor',
      { training: { early_stopping: { patience: 1, monitor } } },
    ],
  ]

  test.each(cases)('%s', (pointer, differences) => {
    const complaints = complaintsOf(differences)

    expect(complaints?.code).toBe('invalid_spec')
    expect(complaints?.errors?.map((error) => error.pointer)).toEqual([pointer])
  })

  test('/training/epochs: more steps than can be counted', () => {
    const many = { profile: { ...xor.profile, rows: 1000 }, bytes: 0 }
    const spec = aSpec({ training: { epochs: 10_000_000, batch_size: 1 } })

    expect(() => planJob(spec, many, null)).toThrow(/10000000000 steps; a job may have 4294967295/)
  })
})

describe('checkLimits', () => {
  const plan = planJob(aSpec(), xorData, null)
  const limits = {
    job_parameters: plan.parameters,
    job_bytes: plan.bytes.total,
    job_points: plan.points,
    job_flops: plan.flops,
  } as Limits

  test('lets pass what is just within', () => {
    expect(() => checkLimits(plan, limits)).not.toThrow()
  })

  test.each(['job_parameters', 'job_bytes', 'job_points', 'job_flops'] as const)(
    'refuses what is above %s, with both numbers',
    (name) => {
      const limit = limits[name] - 1

      expect(() => checkLimits(plan, { ...limits, [name]: limit })).toThrow(
        expect.objectContaining({
          code: 'limit_exceeded',
          message: expect.stringMatching(`needs ${limits[name]} .*limit is ${limit}`),
        }),
      )
    },
  )

  test('names every limit that was passed', () => {
    const none = { job_parameters: 0, job_bytes: 0, job_points: 0, job_flops: 0 } as Limits

    expect(() => checkLimits(plan, none)).toThrow(
      expect.objectContaining({ errors: expect.objectContaining({ length: 4 }) }),
    )
  })
})

describe('a text', () => {
  const file = textFile('to be or not to be, '.repeat(100))
  const data = { profile: file.profile, bytes: file.bytes.byteLength }
  const training = { steps: 10, batch_size: 12, validation: { fraction: 0.1 } }
  const model = aWindowReader(8, 5)

  test('is planned by its windows', () => {
    const plan = planJob(aTextSpec({ text: { context: 16 }, model, training }), data, null)

    expect(plan).toMatchObject({
      task: 'language_modeling',
      inputs: 16,
      outputs: 8,
      training_rows: 1800 - 16,
      validation_rows: 12,
      parameters: 8 * 4 + 16 * 4 * 5 + 5 + 5 * 8 + 8,
      steps: 10,
      steps_per_epoch: 149,
    })
    expect(Plan.parse(plan)).toEqual(plan)
  })

  test('takes a byte a character, whatever the windows; beside it the file and the tokenizer', () => {
    const bytesOf = (context: number) =>
      planJob(aTextSpec({ text: { context }, model, training }), data, null).bytes.data
    const order = (rows: number) => 4 * rows

    expect(bytesOf(16)).toBe(2000 + order(1800 - 16) + 2000 + 0x110000 * 4)
    expect(bytesOf(16) - bytesOf(160)).toBe(order(144))
  })

  test('a network that answers in another shape is refused, with both', () => {
    const tokens = { type: 'embedding', vocabulary: 8, channels: 4 } as const
    const spec = aTextSpec({ text: { context: 16 }, model: { type: 'layers', layers: [tokens] } })

    expect(() => planJob(spec, data, null)).toThrow(
      'Layer 0 (embedding) puts out (16, 4) for each row; expected (16, 8) or (8). Add a dense layer with units 8.',
    )
  })
})

describe('images', () => {
  const { images, labels } = brightEnds(30)
  const file = imageFile(images, labels)
  const data = { profile: file.profile, bytes: file.bytes.byteLength }
  const planOf = (training: object) =>
    planJob(aSpec({ target: undefined, model: { type: 'mlp' }, training }), data, null)
  const order = (rows: number) => 4 * rows

  test('are planned by their pixels', () => {
    const plan = planOf({ batch_size: 8, validation: { fraction: 0.2 } })

    expect(plan).toMatchObject({ task: 'classification', inputs: 6, outputs: 1, parameters: 7 })
    expect(plan).toMatchObject({ training_rows: 24, validation_rows: 6, steps_per_epoch: 3 })
    expect(Plan.parse(plan)).toEqual(plan)
  })

  test('take a byte per pixel: once where they lie, twice where some are held out', () => {
    expect(planOf({ batch_size: 8 }).bytes.data).toBe(data.bytes + 30 + order(30))
    const split = planOf({ batch_size: 8, validation: { fraction: 0.2 } }).bytes.data
    // The file; pixels and class of each image; before the split its class twice, and two orders.
    expect(split).toBe(data.bytes + 30 * (6 + 1) + 30 * (1 + 4 + 8) + order(24))
  })

  test('a network that keeps them as images answers in another shape than labels have', () => {
    const model = { type: 'layers', layers: [{ type: 'dense', units: 1 }] } as const
    const spec = aSpec({ target: undefined, model: { ...model, layers: [...model.layers] } })
    expect(() => planJob(spec, data, null)).toThrow('puts out (1, 2, 1) for each row; expected (1)')
  })
})
