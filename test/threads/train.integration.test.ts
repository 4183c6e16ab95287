import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile, TrainResult } from '../../src/contract/tasks.ts'
import { decodeSafetensors } from '../../src/engine/index.ts'
import { planJob } from '../../src/threads/plan.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { datasetFile, datasetOf, xor } from './support/datasets.ts'
import { aSpec } from './support/specs.ts'
import { type PreparedTask, pointsOf, prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
beforeAll(() => pool.calibrate()) // so that a thread has loaded its code before times are taken
afterAll(() => pool.stop({ force: true }))

const iris = datasetFile('csv', readFileSync('examples/data/iris.csv'))
const digits = datasetFile('csv', readFileSync('examples/data/digits.csv'))
const adam = (learning_rate: number) => ({ type: 'adam', learning_rate }) as const

function start(prepared: PreparedTask): Promise<TrainResult> {
  return pool.train(prepared.task, { threads: 1, bytes: 0 })
}

async function train(spec: Spec, training: DatasetFile, validation: DatasetFile | null = null) {
  const prepared = prepareTask(spec, training, validation)
  const result = await start(prepared)
  return { result, messages: prepared.messages(), heartbeat: prepared.heartbeat() }
}

function succeeded(result: TrainResult) {
  if (result.outcome !== 'succeeded') throw new Error(`not succeeded: ${JSON.stringify(result)}`)
  return result
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Trains for hours if nobody ends it. */
const endless = aSpec({
  target: { column: 'digit', task: 'classification' },
  model: { type: 'mlp', hidden: [100] },
  training: { epochs: 1_000_000 },
})

describe('what is learned', () => {
  test('XOR, all four rows', async () => {
    const training = { epochs: 1000, batch_size: 'full', optimizer: adam(0.05) } as const
    const { result, messages } = await train(aSpec({ training }), xor)

    const { evaluation, metrics, step, epoch, reason } = succeeded(result)
    expect(evaluation.training).toMatchObject({ accuracy: 1, rows: 4 })
    expect(evaluation.validation).toBeNull()
    expect({ step, epoch, reason }).toEqual({ step: 1000, epoch: 1000, reason: null })
    expect(metrics).toEqual({ loss: evaluation.training.loss, accuracy: 1 })
    expect(pointsOf(messages, 'loss').at(-1)?.step).toBe(1000)
  })

  test('iris: at least 0.97 of its rows', async () => {
    const spec = aSpec({
      target: { column: 'species' },
      model: { type: 'mlp', hidden: [32] },
      training: { epochs: 60, batch_size: 16, optimizer: adam(0.01) },
    })
    const { result } = await train(spec, iris)

    const { evaluation } = succeeded(result)
    expect(evaluation.training).toMatchObject({ task: 'classification', rows: 150 })
    expect(
      evaluation.training.task === 'classification' && evaluation.training.accuracy,
    ).toBeGreaterThanOrEqual(0.97)
  })

  test('digits: at least 0.96 of the quarter that was held out, and the report agrees with the series', async () => {
    const spec = aSpec({
      target: { column: 'digit', task: 'classification' },
      model: { type: 'mlp', hidden: [100] },
      training: { epochs: 15, optimizer: adam(0.003), validation: { fraction: 0.25 } },
    })
    const { result } = await train(spec, digits)

    const { evaluation, metrics } = succeeded(result)
    const { validation } = evaluation
    if (validation?.task !== 'classification') throw new Error('expected a classification report')
    expect(validation.rows).toBe(449)
    expect(validation.accuracy).toBeGreaterThanOrEqual(0.96)
    expect(validation.accuracy).toBeCloseTo(metrics.validation_accuracy ?? 0, 12)
    expect(validation.loss).toBeCloseTo(metrics.validation_loss ?? 0, 5)
  })

  test('a line through scaled quantities, reported in their own units', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ x: i, y: 1000 + 20 * i }))
    const spec = aSpec({
      target: { column: 'y' },
      features: { target_scaling: 'standardize' },
      model: { type: 'mlp' },
      training: { epochs: 200, optimizer: adam(0.05) },
    })
    const { result } = await train(spec, datasetOf(rows))

    const { training } = succeeded(result).evaluation
    if (training.task !== 'regression') throw new Error('expected a regression report')
    expect(training.r2).toBeGreaterThan(0.999)
    expect(training.mean_absolute_error).toBeLessThan(5)
  })

  test('a validation dataset of its own is evaluated whole', async () => {
    const validation = { dataset: 'ds_00000000000000000000000000000000' }
    const spec = aSpec({ target: { column: 'species' }, training: { epochs: 2, validation } })
    const { result, messages } = await train(spec, iris, iris)

    const { evaluation } = succeeded(result)
    expect(evaluation.validation).toEqual(evaluation.training)
    expect(pointsOf(messages, 'validation_accuracy')).toHaveLength(2)
  })
})

describe('the same bits', () => {
  const spec = aSpec({
    target: { column: 'species' },
    model: { type: 'mlp', hidden: [16], dropout: 0.2 },
    training: { epochs: 100, batch_size: 8, seed: 7, validation: { fraction: 0.2 } },
  })

  test('come from the same spec, data and seed, also when other threads slow this one down', async () => {
    const alone = succeeded((await train(spec, iris)).result)
    const crowd = Array.from({ length: 3 }, () => train(spec, iris))
    const together = (await Promise.all(crowd)).map(({ result }) => succeeded(result))

    const hashes = together.map(({ weights }) => sha256(weights))
    expect(new Set([sha256(alone.weights), ...hashes]).size).toBe(1)
    expect(together.map(({ evaluation }) => evaluation)).toEqual(crowd.map(() => alone.evaluation))
  })

  test('the seed decides which rows are held out', async () => {
    // One step without learning: the reports differ only by the rows that they are of.
    const optimizer = { type: 'sgd', learning_rate: 1e-30 } as const
    const seeded = (seed: number) => {
      const training = { epochs: 1, seed, optimizer, validation: { fraction: 0.3 } }
      const model = { type: 'mlp', initializer: 'zeros' } as const
      return aSpec({ target: { column: 'petal_width' }, model, training })
    }
    const runs = await Promise.all([1, 2].map((seed) => train(seeded(seed), iris)))
    const [one, two] = runs.map(({ result }) => succeeded(result).evaluation.validation)

    expect(one).not.toEqual(two)
  })

  test('differ with the seed', async () => {
    const other = aSpec({ ...spec, training: { ...spec.training, seed: 8 } })
    const [one, two] = await Promise.all([train(spec, iris), train(other, iris)])

    expect(sha256(succeeded(one.result).weights)).not.toBe(sha256(succeeded(two.result).weights))
  })
})

describe('the weights', () => {
  test('are a safetensors file with PyTorch names, and all that it takes to use them', async () => {
    const spec = aSpec({ target: { column: 'species' }, training: { epochs: 1 } })
    const { weights, preprocessing } = succeeded((await train(spec, iris)).result)

    const { tensors, metadata } = decodeSafetensors(weights)
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
      ['0.weight', [4, 4]],
      ['0.bias', [4]],
      ['2.weight', [3, 4]],
      ['2.bias', [3]],
    ])
    expect(metadata).toMatchObject({ spec_version: '1', task: 'classification' })
    expect(JSON.parse(metadata.classes)).toEqual(['setosa', 'versicolor', 'virginica'])
    expect(JSON.parse(metadata.preprocessing)).toEqual(preprocessing)
  })

  test.each(['xor', 'iris', 'ten-to-five', 'digits'])(
    'are no larger than planned, and hardly smaller: %s',
    async (name) => {
      const job = JSON.parse(readFileSync(`examples/jobs/${name}.json`, 'utf8'))
      const data = Array.isArray(job.dataset.rows)
        ? datasetOf(job.dataset.rows)
        : datasetFile('csv', readFileSync(`examples/data/${name}.csv`))
      const { name: _name, dataset: _dataset, training, ...rest } = job
      const spec = aSpec({ ...rest, training: { ...training, epochs: 1 } })

      const { weights } = succeeded((await train(spec, data)).result)
      const plan = planJob(spec, { profile: data.profile, bytes: data.bytes.byteLength }, null)

      expect(weights.length).toBeLessThanOrEqual(plan.weights_bytes)
      expect(weights.length).toBeGreaterThan(0.9 * plan.weights_bytes)
    },
  )
})

describe('progress', () => {
  test('every planned point arrives before the result, once and in order', async () => {
    const training = { epochs: 300, batch_size: 10, validation: { fraction: 0.2 }, report_every: 7 }
    const spec = aSpec({ target: { column: 'species' }, training })
    const { result, messages } = await train(spec, iris)

    const plan = planJob(spec, { profile: iris.profile, bytes: 0 }, null)
    const points = messages.flatMap((message) => message.points)
    expect(points).toHaveLength(plan.points)
    expect(new Set(points.map(({ name, step }) => `${name} ${step}`)).size).toBe(plan.points)
    const steps = pointsOf(messages, 'loss').map(({ step }) => step)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps.at(-1)).toBe(succeeded(result).step)
  })

  test('the heart beats for data, steps and reports', async () => {
    const { heartbeat } = await train(aSpec({ training: { epochs: 10 } }), xor)

    expect(heartbeat).toBeGreaterThan(30)
  })
})

test.runIf(process.platform === 'linux')(
  'threads that train step back behind the event loop',
  async () => {
    await train(aSpec({ training: { epochs: 1 } }), xor)

    const priorities = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))
    expect(priorities).toContain(10)
    expect(getPriority(process.pid)).toBeLessThan(10)
  },
)

describe('signals', () => {
  test.each([
    ['cancel', 'cancelled'],
    ['release', 'released'],
    ['stop', 'succeeded'],
  ] as const)('%s takes effect within a second', async (signal, outcome) => {
    const prepared = prepareTask(endless, digits)
    const running = start(prepared)
    while (prepared.messages().length === 0) await sleep(10)

    const asked = performance.now()
    prepared.signal(signal)
    const result = await running

    expect(performance.now() - asked).toBeLessThan(1000)
    expect(result.outcome).toBe(outcome)
    expect(result.step).toBeGreaterThan(0)
  })

  test('a signal does not wait for the end of a long step', async () => {
    // One step takes about 3 s, each of its layers about 0.1 s.
    const hidden = Array.from({ length: 16 }, () => 256)
    const training = { ...endless.training, batch_size: 'full' } as const
    const prepared = prepareTask(
      aSpec({ ...endless, model: { type: 'mlp', hidden }, training }),
      digits,
    )
    const running = start(prepared)
    while (prepared.heartbeat() < 16) await sleep(10)

    const asked = performance.now()
    prepared.signal('cancel')

    expect(await running).toEqual({ outcome: 'cancelled', step: 0, epoch: 0 })
    expect(performance.now() - asked).toBeLessThan(1000)
  })

  test('stop keeps the weights, reports on them, and says why', async () => {
    const prepared = prepareTask(endless, digits)
    const running = start(prepared)
    while (prepared.messages().length === 0) await sleep(10)
    prepared.signal('stop')

    const { reason, evaluation, weights, step } = succeeded(await running)
    expect(reason).toEqual({
      code: 'stopped_early',
      message: expect.stringContaining(`at step ${step} of`),
    })
    expect(evaluation.training.rows).toBe(1797)
    expect(decodeSafetensors(weights).tensors['0.weight'].shape).toEqual([100, 64])
    expect(pointsOf(prepared.messages(), 'loss').at(-1)?.step).toBe(step)
  })

  test('stop before the first step gives the weights of step 0', async () => {
    const prepared = prepareTask(endless, digits)
    prepared.signal('stop')

    expect(succeeded(await start(prepared))).toMatchObject({ step: 0, epoch: 0 })
  })

  test.each(['cancel', 'release'] as const)(
    '%s before the first step ends the reading of data',
    async (signal) => {
      const prepared = prepareTask(endless, digits)
      prepared.signal(signal)

      expect(await start(prepared)).toMatchObject({ step: 0, epoch: 0 })
      expect(prepared.heartbeat()).toBe(1)
    },
  )

  test('a stopped job has the bits of one that was planned as long', async () => {
    const full = (epochs: number) =>
      aSpec({ ...endless, training: { ...endless.training, batch_size: 'full', epochs } })
    const prepared = prepareTask(full(1_000_000), digits)
    const running = start(prepared)
    while (prepared.messages().length === 0) await sleep(10)
    prepared.signal('stop')
    const stopped = succeeded(await running)

    const whole = succeeded((await train(full(stopped.step), digits)).result)

    expect(whole.step).toBe(stopped.step)
    expect(sha256(whole.weights)).toBe(sha256(stopped.weights))
    expect(whole.evaluation).toEqual(stopped.evaluation)
  })
})

describe('a number of steps', () => {
  const validation = { fraction: 0.2 }

  test('ends in the middle of an epoch, with reports on it', async () => {
    const training = { steps: 12, batch_size: 16, validation }
    const { result, messages } = await train(
      aSpec({ target: { column: 'species' }, training }),
      iris,
    )

    expect(succeeded(result)).toMatchObject({ step: 12, epoch: 2, reason: null })
    expect(pointsOf(messages, 'loss').map(({ step }) => step)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    )
    expect(pointsOf(messages, 'validation_loss').map(({ step }) => step)).toEqual([8, 12])
  })

  test('has the bits of as many epochs', async () => {
    const target = { column: 'species' }
    const inSteps = aSpec({ target, training: { steps: 24, batch_size: 16, validation } })
    const inEpochs = aSpec({ target, training: { epochs: 3, batch_size: 16, validation } })
    const [steps, epochs] = await Promise.all([train(inSteps, iris), train(inEpochs, iris)])

    expect(sha256(succeeded(steps.result).weights)).toBe(sha256(succeeded(epochs.result).weights))
  })

  test('is stopped early too', async () => {
    const early_stopping = { patience: 2 }
    const optimizer = { type: 'sgd', learning_rate: 1e-30 } as const
    const training = { steps: 100, batch_size: 'full', early_stopping, optimizer } as const
    const { result } = await train(aSpec({ training }), xor)

    expect(succeeded(result)).toMatchObject({ epoch: 3, reason: { code: 'early_stopping' } })
  })
})

describe('what ends a job early', () => {
  test('early stopping says since when there was no progress', async () => {
    const early_stopping = { patience: 2 }
    const optimizer = { type: 'sgd', learning_rate: 1e-30 } as const
    const spec = aSpec({ training: { epochs: 100, early_stopping, optimizer } })
    const { result } = await train(spec, xor)

    expect(succeeded(result).reason).toEqual({
      code: 'early_stopping',
      message: expect.stringContaining('No progress in loss since epoch 1 (step 1)'),
    })
    expect(result.epoch).toBe(3)
  })

  test.each([true, false])(
    'early stopping says whether it went back to the best (%s)',
    async (restore_best) => {
      const early_stopping = { patience: 1, restore_best }
      const optimizer = { type: 'sgd', learning_rate: 1e-30 } as const
      const spec = aSpec({ training: { epochs: 9, early_stopping, optimizer } })
      const { reason } = succeeded((await train(spec, xor)).result)

      expect(reason?.message.includes('The weights are those of that epoch')).toBe(restore_best)
    },
  )

  test('a loss that is no number fails the job with the step and a suggestion; the points stay', async () => {
    const spec = aSpec({
      target: { column: 'y' },
      model: { type: 'mlp' },
      features: { scaling: 'none' },
      training: { epochs: 1000, optimizer: { type: 'sgd', learning_rate: 1000 }, report_every: 1 },
    })
    const rows = Array.from({ length: 8 }, (_, i) => ({ x: i * 100, y: i }))
    const { result, messages } = await train(spec, datasetOf(rows))

    const points = pointsOf(messages, 'loss')
    expect(result).toMatchObject({
      outcome: 'failed',
      step: points.length,
      reason: { code: 'loss_not_finite', message: expect.stringMatching(/learning_rate/) },
    })
    expect(points.map(({ step }) => step)).toEqual(points.map((_, i) => i + 1))
    expect(points.map(({ value }) => Number.isFinite(value))).toEqual(
      points.map((_, i) => i < points.length - 1),
    )
  })

  test('a file that is not what its profile says fails as invalid data', async () => {
    const { profile } = iris
    const { result } = await train(aSpec({ target: { column: 'species' } }), {
      ...xor,
      format: 'csv',
      profile,
    })

    expect(result).toMatchObject({ outcome: 'failed', step: 0, reason: { code: 'invalid_data' } })
  })

  test('memory that cannot be had fails the job, not the thread', async () => {
    const layers = [1, 2].map(() => ({ type: 'dense' as const, units: 65_536 }))
    const model = {
      type: 'layers' as const,
      layers: [...layers, { type: 'dense' as const, units: 1 }],
    }
    const { result } = await train(aSpec({ model }), xor)

    expect(result).toMatchObject({ outcome: 'failed', reason: { code: 'out_of_memory' } })
  })
})
