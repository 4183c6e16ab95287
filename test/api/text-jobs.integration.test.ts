/** @file Jobs on a text: from an uploaded file to what comes next. */
import { afterAll, describe, expect, test } from 'vitest'

import { createThreadPool } from '../../src/threads/pool.ts'
import { testApi } from './support/api.ts'
import { storeTable } from './support/jobs.ts'
import { trainedJob } from './support/trained-job.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool })
const { call } = api

const headers = { 'content-type': 'text/plain' }
const song = 'the cat sat on the mat; '.repeat(50)
const dataset = (await call('POST', '/v1/datasets', song, { headers })).json().id
const table = await storeTable(api, api.projectId)

const aTextJob = {
  dataset,
  text: { context: 4 },
  model: {
    type: 'layers',
    layers: [
      { type: 'embedding', vocabulary: 11, channels: 4 },
      { type: 'flatten' },
      { type: 'dense', units: 32 },
      { type: 'tanh' },
      { type: 'dense', units: 11 },
    ],
  },
  training: {
    steps: 800,
    batch_size: 16,
    optimizer: { type: 'adam', learning_rate: 0.01 },
    validation: { fraction: 0.1 },
  },
}

test('a plan counts windows', async () => {
  const answer = await call('POST', '/v1/plans', aTextJob)

  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({
    task: 'language_modeling',
    inputs: 4,
    outputs: 11,
    training_rows: 1080 - 4,
    validation_rows: 29,
    steps: 800,
  })
})

test('a job learns the text, reports perplexity, and foretells', async () => {
  const id = await trainedJob(api, pool, aTextJob)
  const job = (await call('GET', `/v1/jobs/${id}`)).json()

  expect(job.spec).toMatchObject({ text: { tokenizer: 'characters', context: 4 } })
  expect(job.spec).not.toHaveProperty('features')
  expect(job.evaluation.validation).toMatchObject({ task: 'language_modeling', rows: 29 })
  expect(job.metrics.perplexity).toBeLessThan(1.5)

  const answer = await call('POST', `/v1/jobs/${id}/predict`, { rows: [{ text: 'sat on th' }] })
  expect(answer.statusCode).toBe(200)
  expect(answer.json().data).toMatchObject([{ label: 'e', probability: expect.any(Number) }])

  const unknown = await call('POST', `/v1/jobs/${id}/predict`, { rows: [{ text: 'the dog' }] })
  expect(unknown.statusCode).toBe(422)
  expect(unknown.json()).toMatchObject({ errors: [{ pointer: '/rows/0/text' }] })
  expect(unknown.json().detail).toContain('the character "d"')

  const weights = (await call('GET', `/v1/jobs/${id}/weights?format=json`)).json()
  expect(weights.preprocessing).toMatchObject({ kind: 'text', characters: ' ;acehmnost' })
})

test('a job on a table is stored with what was not said of its columns', async () => {
  const body = { dataset: table, target: { column: 'y' }, model: { type: 'mlp' } }
  const { spec } = (await call('POST', '/v1/jobs', body)).json()

  expect(spec.features).toEqual({
    exclude: [],
    scaling: 'standardize',
    target_scaling: 'none',
  })
})

describe('422: what does not fit the dataset, with its place', () => {
  test.each<[string, object, string]>([
    ['a text that nobody said how to read', { text: undefined }, '/text'],
    ['a target', { target: { column: 'y' } }, '/target'],
    ['a table, read as a text', { dataset: table, target: { column: 'y' } }, '/text'],
    ['a table without a target', { dataset: table, text: undefined }, '/target'],
    ['a context longer than the text', { text: { context: 2000 } }, '/text/context'],
    [
      'a table to validate on',
      { training: { validation: { dataset: table } } },
      '/training/validation/dataset',
    ],
    ['a model that reads quantities', { model: { type: 'mlp' } }, '/model/type'],
    [
      'attention to what is to be foretold',
      {
        model: {
          type: 'layers',
          layers: [
            { type: 'embedding', vocabulary: 11, channels: 4 },
            { type: 'residual', layers: [{ type: 'attention', heads: 1 }] },
            { type: 'dense', units: 11 },
          ],
        },
      },
      '/model/layers/1/layers/0/causal',
    ],
    [
      'an embedding that has no vector for some characters',
      {
        model: {
          type: 'layers',
          layers: [
            { type: 'embedding', vocabulary: 10, channels: 4 },
            { type: 'dense', units: 11 },
          ],
        },
      },
      '/model/layers/0/vocabulary',
    ],
  ])('%s', async (_name, change, pointer) => {
    for (const route of ['/v1/plans', '/v1/jobs']) {
      const answer = await call('POST', route, { ...aTextJob, ...change })

      expect(answer.statusCode).toBe(422)
      const { code, errors } = answer.json()
      expect({ code, pointer: errors[0].pointer }).toEqual({ code: 'invalid_spec', pointer })
    }
  })
})
