import { readFileSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Row } from '../../src/contract/datasets.ts'
import type { Spec } from '../../src/contract/spec/spec.ts'
import type { DatasetFile, TrainedModel } from '../../src/contract/tasks.ts'
import { planJob } from '../../src/threads/plan.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { predictionCost } from '../../src/threads/prediction-cost.ts'
import { ThreadCrashed } from '../../src/threads/thread-crashed.ts'
import { datasetFile, datasetOf, xor } from './support/datasets.ts'
import { predictionsOf } from './support/predictions.ts'
import { aSpec } from './support/specs.ts'
import { prepareTask } from './support/tasks.ts'

const pool = createThreadPool({ threads: 1, memoryBytes: 1e9 })
afterAll(() => pool.stop())

let jobs = 0

/** Trains, and hands the result over as the API does: weights in shared memory. */
async function trained(spec: Spec, data: DatasetFile): Promise<TrainedModel> {
  const result = await pool.train(prepareTask(spec, data).task, { threads: 1, bytes: 0 })
  if (result.outcome !== 'succeeded') throw new Error(`not trained: ${JSON.stringify(result)}`)
  const weights = new SharedArrayBuffer(result.weights.length)
  new Uint8Array(weights).set(result.weights)
  jobs += 1
  return { jobId: `job_${jobs}`, spec, preprocessing: result.preprocessing, weights }
}

const predict = (model: TrainedModel, rows: readonly Row[]) =>
  pool.predict({ model, rows }, { threads: 1, bytes: 0 })

const adam = (learning_rate: number) => ({ type: 'adam', learning_rate }) as const
const training = { epochs: 1000, batch_size: 'full', optimizer: adam(0.05) } as const

describe('two classes', () => {
  let model: TrainedModel
  beforeAll(async () => {
    model = await trained(aSpec({ training }), xor)
  })

  test('raw rows in, labels and probabilities out', async () => {
    const rows: Row[] = [
      { a: 0, b: 0 },
      { a: '0', b: '1' },
      { a: 1, b: 0, y: 'ignored' },
      { b: 1, a: 1 },
    ]
    const predictions = predictionsOf(await predict(model, rows))

    expect(predictions).toMatchObject(['no', 'yes', 'yes', 'no'].map((label) => ({ label })))
    for (const prediction of predictions) {
      if (!('label' in prediction)) throw new Error('expected a label')
      const { probability, probabilities, label } = prediction
      expect(probability).toBeGreaterThan(0.5)
      expect(probabilities[label]).toBe(probability)
      expect(probabilities.no + probabilities.yes).toBeCloseTo(1, 6)
    }
  })

  test('more rows than are computed at once come back in order', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ a: i % 2, b: 0 }))
    const predictions = predictionsOf(await predict(model, rows))

    expect(predictions).toMatchObject(rows.map(({ a }) => ({ label: a ? 'yes' : 'no' })))
  })

  test.each([
    [
      'a cell of the wrong type',
      [
        { a: 0, b: 0 },
        { a: 'x', b: 1 },
      ],
      '/rows/1/a',
    ],
    ['a column that is not there', [{ a: 0 }], '/rows/0/b'],
  ])('%s is refused with a pointer at it', async (_, rows, pointer) => {
    expect(await predict(model, rows)).toEqual({
      outcome: 'refused',
      problem: {
        code: 'invalid_rows',
        detail: expect.any(String),
        errors: [{ pointer, code: 'invalid_rows', detail: expect.any(String) }],
      },
    })
  })

  test('weights that are damaged are a defect of ours, not of the rows', async () => {
    const damaged = { ...model, jobId: 'job_damaged', weights: new SharedArrayBuffer(16) }

    await expect(predict(damaged, [{ a: 0, b: 0 }])).rejects.toBeInstanceOf(ThreadCrashed)
    await expect(predict(model, [{ a: 0, b: 0 }])).resolves.toMatchObject({ outcome: 'predicted' })
  })
})

test('a column with / and ~ in its name is escaped in the pointer', async () => {
  const model = await trained(
    aSpec({ target: { column: 'y' }, training: { epochs: 1 } }),
    datasetOf([
      { 'a/b~c': 1, y: 1 },
      { 'a/b~c': 2, y: 2 },
    ]),
  )

  expect(await predict(model, [{ 'a/b~c': 'x' }])).toMatchObject({
    problem: { errors: [{ pointer: '/rows/0/a~1b~0c' }] },
  })
})

test('a layer list that ends in logits predicts probabilities', async () => {
  const layers = [{ type: 'dense', units: 3 }] as const
  const spec = aSpec({
    target: { column: 'species' },
    model: { type: 'layers', layers: [...layers] },
    training: { epochs: 50, optimizer: adam(0.05) },
  })
  const iris = datasetFile('csv', readFileSync('examples/data/iris.csv'))
  const model = await trained(spec, iris)
  const row = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }

  const [prediction] = predictionsOf(await predict(model, [row]))

  if (!('label' in prediction)) throw new Error('expected a label')
  const { label, probabilities } = prediction
  expect(label).toBe('setosa')
  expect(Object.values(probabilities).reduce((sum, p) => sum + p)).toBeCloseTo(1, 6)
})

test('several quantities come back in their own units, by column', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ x: i, double: 2 * i, minus: 100 - i }))
  const spec = aSpec({
    target: { columns: ['double', 'minus'] },
    features: { target_scaling: 'standardize' },
    model: { type: 'mlp' },
    training: { epochs: 300, batch_size: 'full', optimizer: adam(0.05) },
  })
  const model = await trained(spec, datasetOf(rows))

  expect(predictionsOf(await predict(model, [{ x: 10 }]))).toEqual([
    { values: { double: expect.closeTo(20, 0), minus: expect.closeTo(90, 0) } },
  ])
})

test('the second prediction of a model finds it decoded', async () => {
  const rows = [{ a: 1, b: 0 }]
  const model = await trained(aSpec({ training: { epochs: 1 } }), xor)
  const first = await predict(model, rows)

  // The cache goes by the id, since weights never change: broken bytes are not looked at again.
  const again = await predict({ ...model, weights: new SharedArrayBuffer(0) }, rows)

  expect(again).toEqual(first)
})

test('the cost of a prediction grows with weights, rows and answer', () => {
  const plan = planJob(aSpec(), { profile: xor.profile, bytes: 0 }, null)

  expect(predictionCost(plan, 1, 0).bytes).toBeGreaterThan(plan.weights_bytes)
  expect(predictionCost(plan, 1001, 10).bytes - predictionCost(plan, 1, 0).bytes).toBe(
    1000 * 3 * 36 + 3 * 10,
  )
})
