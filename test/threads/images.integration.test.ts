import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile, TrainedModel } from '../../src/contract/tasks.ts'
import { decodeSafetensors } from '../../src/engine/index.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { brightEnds } from '../support/idx.ts'
import { datasetFile, imageFile } from './support/datasets.ts'
import { predictionsOf } from './support/predictions.ts'
import { aSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())

async function trained(spec: Spec, file: DatasetFile) {
  const result = await pool.train(prepareTask(spec, file).task, { threads: 1, bytes: 0 })
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  const weights = new SharedArrayBuffer(result.weights.length)
  new Uint8Array(weights).set(result.weights)
  const { preprocessing } = result
  const model: TrainedModel = { jobId: `job_${performance.now()}`, spec, preprocessing, weights }
  return { result, model }
}

const predict = (model: TrainedModel, rows: Parameters<typeof pool.predict>[0]['rows']) =>
  pool.predict({ model, rows }, { threads: 1, bytes: 0 })

describe('images', () => {
  const { images, labels } = brightEnds(60)
  let job: Awaited<ReturnType<typeof trained>>
  beforeAll(async () => {
    const training = {
      epochs: 30,
      batch_size: 8,
      optimizer: { type: 'adam', learning_rate: 0.01 },
      validation: { fraction: 0.2 },
    } as const
    const spec = aSpec({ target: undefined, model: { type: 'mlp', hidden: [8] }, training })
    job = await trained(spec, imageFile(images, labels))
  })

  test('are told apart by their labels, with the report of any classification', () => {
    const { evaluation, metrics } = job.result

    expect(evaluation.validation).toMatchObject({
      task: 'classification',
      rows: 12,
      accuracy: 1,
      classes: [{ label: '3' }, { label: '7' }],
    })
    expect(metrics).toMatchObject({ accuracy: 1, validation_accuracy: 1 })
    expect(decodeSafetensors(job.result.weights).metadata.classes).toBe('["3","7"]')
  })

  test('are predicted from pixels', async () => {
    const rows = [{ pixels: [220, 20, 20, 220, 20, 20] }, { pixels: [20, 220, 220, 20, 220, 220] }]
    const predictions = predictionsOf(await predict(job.model, rows))
    expect(predictions).toMatchObject([{ label: '3' }, { label: '7' }])
  })

  test.each([
    [
      'too few pixels',
      { pixels: [1, 2] },
      'expected 6 numbers, 1 × 2 × 3 (channels, height, width), got a list of 2 numbers.',
    ],
    ['none', { a: 1 }, 'got nothing.'],
    ['no list', { pixels: 'x' }, 'got "x".'],
  ])('%s are refused, with their place', async (_name, row, detail) => {
    expect(await predict(job.model, [{ pixels: [0, 0, 0, 0, 0, 0] }, row])).toMatchObject({
      outcome: 'refused',
      problem: {
        code: 'invalid_rows',
        detail: expect.stringContaining(detail),
        errors: [{ pointer: '/rows/1/pixels' }],
      },
    })
  })
})

test('columns as an image train an mlp to the bits of columns as they are', async () => {
  const digits = datasetFile('csv', readFileSync('examples/data/digits.csv'))
  const spec = (features: object) =>
    aSpec({
      target: { column: 'digit', task: 'classification' },
      features,
      training: { epochs: 1 },
    })
  const [plain, shaped] = await Promise.all([
    trained(spec({}), digits),
    trained(spec({ image: { shape: [1, 8, 8] } }), digits),
  ])
  const bitsOf = ({ result }: typeof plain) => {
    const hash = createHash('sha256')
    for (const { data } of Object.values(decodeSafetensors(result.weights).tensors))
      hash.update(data)
    return hash.digest('hex')
  }

  expect(bitsOf(shaped)).toBe(bitsOf(plain))
  expect(shaped.result.preprocessing).toMatchObject({ inputs: 64, shape: [64] })
})

test('a list in the place of a cell is refused', async () => {
  const rows = Array.from({ length: 8 }, (_, a) => ({ a, y: a % 2 ? 'yes' : 'no' }))
  const { model } = await trained(
    aSpec(),
    datasetFile('json', new TextEncoder().encode(JSON.stringify(rows))),
  )

  expect(await predict(model, [{ a: [1, 2] }])).toMatchObject({
    outcome: 'refused',
    problem: { detail: 'Row 1, column "a": expected one value, got a list of 2 numbers.' },
  })
})
