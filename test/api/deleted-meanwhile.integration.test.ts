/**
 * @file Something that is deleted between being found and being read: its chunks are gone, and its row
 * was still there. For the client it is as missing as if it had come a moment later.
 */
import { beforeAll, expect, test } from 'vitest'

import { aCheckpoint } from '../store/support/seed.ts'
import { testApi } from './support/api.ts'
import { aJobOn, aJobThatIs, storeTable } from './support/jobs.ts'

const api = await testApi()
const { call, projectId, store } = api
const dataset = await storeTable(api, projectId)
const { id: job } = await aJobThatIs(api, 'succeeded', dataset)
const { id: running, claim } = await aJobThatIs(api, 'running', dataset)
if (!claim) throw new Error('Expected a claim.')
const checkpoint = await aCheckpoint(store, claim, 1)
const checkpointWeights = `/v1/jobs/${running}/checkpoints/${checkpoint}/weights`
const startingFromIt = { ...aJobOn(dataset), init_from: { job: running, checkpoint } }
const startingFromJob = { ...aJobOn(dataset), init_from: { job } }

beforeAll(async () => {
  await store.db.query('DELETE FROM blob_chunks')
})

test.each([
  ['GET', `/v1/datasets/${dataset}/content`, undefined, 'dataset_not_found'],
  ['GET', `/v1/jobs/${job}/weights`, undefined, 'job_not_found'],
  ['GET', `/v1/jobs/${job}/weights?format=json`, undefined, 'job_not_found'],
  ['GET', checkpointWeights, undefined, 'checkpoint_not_found'],
  ['GET', `${checkpointWeights}?format=json`, undefined, 'checkpoint_not_found'],
  ['POST', '/v1/jobs', startingFromIt, 'checkpoint_not_found'],
  ['POST', '/v1/plans', startingFromIt, 'checkpoint_not_found'],
  ['POST', '/v1/jobs', startingFromJob, 'job_not_found'],
  ['POST', '/v1/plans', startingFromJob, 'job_not_found'],
  ['POST', `/v1/jobs/${job}/predict`, { rows: [{ a: 0, b: 0 }] }, 'job_not_found'],
] as const)('%s %s: 404', async (method, url, body, code) => {
  const answer = await call(method, url, body)
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toMatchObject({ code })
  expect(Number(answer.headers['content-length'])).toBe(answer.rawPayload.length)
})
