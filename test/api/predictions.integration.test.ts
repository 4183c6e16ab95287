import { readFileSync } from 'node:fs'

import { afterAll, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi } from './support/api.ts'
import { aJobThatIs, storeTable } from './support/jobs.ts'
import { trainedJob, xorJob } from './support/trained-job.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool })
const { call, createKey, keys, projectId } = api

const jobId = await trainedJob(api, pool, xorJob)

const predict = (rows: unknown, id = jobId) => call('POST', `/v1/jobs/${id}/predict`, { rows })

describe('200', () => {
  test('raw rows in, labels and probabilities out, in order', async () => {
    const answer = await predict([
      { a: 0, b: 0 },
      { a: '0', b: '1', y: 'passed over' },
      { b: 0, a: 1 },
      { a: 1, b: 1 },
    ])

    expect(answer.statusCode).toBe(200)
    const { object, data } = answer.json()
    expect(object).toBe('predictions')
    expect(data).toMatchObject(['no', 'yes', 'yes', 'no'].map((label) => ({ label })))
    for (const { label, probability, probabilities } of data) {
      expect(probabilities[label]).toBe(probability)
      expect(probability).toBeGreaterThan(0.5)
    }
  })

  test('iris, from an uploaded file to a flower', async () => {
    const csv = readFileSync('examples/data/iris.csv', 'utf8')
    const headers = { 'content-type': 'text/csv' }
    const dataset = (await call('POST', '/v1/datasets', csv, { headers })).json().id
    const id = await trainedJob(api, pool, {
      dataset,
      target: { column: 'species' },
      model: { type: 'mlp', hidden: [16] },
      training: { epochs: 100, optimizer: { type: 'adam', learning_rate: 0.01 } },
    })
    const row = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }

    const answer = await predict([row, { ...row, petal_length: null }], id)

    expect(answer.json().data[0].label).toBe('setosa')
    expect(Object.keys(answer.json().data[0].probabilities)).toHaveLength(3)
  })

  test('quantities come back by column', async () => {
    const id = await trainedJob(api, pool, {
      dataset: { rows: Array.from({ length: 20 }, (_, x) => ({ x, double: 2 * x })) },
      target: { column: 'double' },
      model: { type: 'mlp' },
      training: { epochs: 1 },
    })

    expect((await predict([{ x: 1 }], id)).json().data).toEqual([
      { values: { double: expect.any(Number) } },
    ])
  })

  test('ten thousand rows at once', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ a: i % 2, b: 0 }))
    const answer = await predict(rows)

    expect(answer.json().data).toMatchObject(rows.map(({ a }) => ({ label: a ? 'yes' : 'no' })))
  })

  test('many at once for one model all get the same answer', async () => {
    const id = await trainedJob(api, pool, xorJob)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => predict([{ a: 1, b: 0 }], id)),
    )

    const [first] = answers
    expect(first.statusCode).toBe(200)
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => first.body))
  })

  test('with a key that may do nothing but predict', async () => {
    const { secret } = await createKey({ projectId, scopes: ['predict'] })
    const rows = [{ a: 1, b: 0 }]
    const answer = await call('POST', `/v1/jobs/${jobId}/predict`, { rows }, { key: secret })

    expect(answer.statusCode).toBe(200)
  })
})

describe('422', () => {
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
  ])('%s, with a pointer at it', async (_, rows, pointer) => {
    const answer = await predict(rows)

    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'invalid_rows', errors: [{ pointer }] })
  })
})

test('422: 10,000 rows of a network with 1,000 classes, which is told how many may come', async () => {
  const classes = Array.from({ length: 1000 }, (_, x) => ({ x, y: `a label of some length ${x}` }))
  const id = await trainedJob(api, pool, {
    dataset: { rows: classes },
    target: { column: 'y' },
    model: { type: 'mlp' },
    training: { epochs: 1 },
  })
  const rows = Array.from({ length: 10_000 }, (_, x) => ({ x }))
  const refused = await predict(rows, id)
  expect(refused.statusCode).toBe(422)
  const { code, detail, errors } = refused.json()
  expect({ code, errors }).toMatchObject({
    code: 'limit_exceeded',
    errors: [{ pointer: '/rows', code: 'too_long_answer' }],
  })

  const most = Number(/at most (\d+) rows/.exec(detail)?.[1])
  const answer = await predict(rows.slice(0, most), id)

  expect(answer.statusCode).toBe(200)
  expect(answer.json().data).toHaveLength(most)
  expect(answer.rawPayload.length).toBeLessThan(8 * 1024 * 1024)
})

describe('400', () => {
  test.each([
    ['no rows', [], '/rows'],
    ['rows that are a list', [[0, 1]], '/rows/0'],
    ['a cell that is an object', [{ a: {}, b: 0 }], '/rows/0/a'],
    ['too many rows', Array.from({ length: 10_001 }, () => ({})), '/rows'],
  ])('%s', async (_, rows, pointer) => {
    const answer = await predict(rows)

    expect(answer.statusCode).toBe(400)
    expect(answer.json().errors[0].pointer).toBe(pointer)
  })
})

test('400: of many wrong cells the first is named, without a look at the others', async () => {
  const row = { a: 0, b: 0 }
  const answer = await predict([
    row,
    { a: 1, b: [] },
    ...Array.from({ length: 5_000 }, () => ({ a: {} })),
  ])

  expect(answer.statusCode).toBe(400)
  expect(answer.json().errors).toMatchObject([{ pointer: '/rows/1/b' }])
})

test('413: more than 4 MiB', async () => {
  const answer = await predict([{ a: 'x'.repeat(5_000_000) }])

  expect(answer.statusCode).toBe(413)
  expect(answer.json().detail).toContain('4194304')
})

test.each(['queued', 'running'] as const)('409 while the job is %s', async (status) => {
  const { id } = await aJobThatIs(api, status, await storeTable(api, projectId))
  const answer = await predict([{ a: 0, b: 0 }], id)

  expect(answer.statusCode).toBe(409)
  expect(answer.json().code).toBe('job_not_ready')
})

test.each(['failed', 'cancelled'] as const)('404 once the job has %s', async (status) => {
  const { id } = await aJobThatIs(api, status, await storeTable(api, projectId))
  const answer = await predict([{ a: 0, b: 0 }], id)

  expect(answer.statusCode).toBe(404)
  expect(answer.json().code).toBe('weights_not_found')
})

test("404: another project's job, also when its model was just used", async () => {
  await predict([{ a: 0, b: 0 }])
  const rows = [{ a: 0, b: 0 }]
  const neighbors = await call(
    'POST',
    `/v1/jobs/${jobId}/predict`,
    { rows },
    { key: keys.neighbor },
  )

  expect(neighbors.statusCode).toBe(404)
  expect(neighbors.json().code).toBe('job_not_found')
  expect((await predict(rows, newId('job'))).json().code).toBe('job_not_found')
})

test('404 once the job was deleted, though its model was kept', async () => {
  const id = await trainedJob(api, pool, xorJob)
  await predict([{ a: 0, b: 0 }], id)
  await call('DELETE', `/v1/jobs/${id}`)

  expect((await predict([{ a: 0, b: 0 }], id)).statusCode).toBe(404)
})
