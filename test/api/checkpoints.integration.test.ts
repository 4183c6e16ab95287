import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { aCheckpoint, checkpointFiles } from '../store/support/seed.ts'
import { testApi } from './support/api.ts'
import { aJobThatIs, storeTable } from './support/jobs.ts'

const api = await testApi()
const { call, keys, store } = api
const dataset = await storeTable(api, api.projectId)
const running = await aJobThatIs(api, 'running', dataset)
const { claim } = running
if (!claim) throw new Error('Expected a claim.')
const progress = { step: 8, steps: 9, epoch: 0, epochs: 1, eta_seconds: null }
const points = [
  { name: 'loss', step: 2, value: 0.5 },
  { name: 'loss', step: 8, value: 0.7 },
]
const before = await aCheckpoint(store, claim, 1)
await store.writeProgress(claim, { progress, points })
const best = await aCheckpoint(store, claim, 4)
const last = await aCheckpoint(store, claim, 8)
const url = `/v1/jobs/${running.id}/checkpoints`
const sha256 = createHash('sha256').update(checkpointFiles.weights).digest('hex')

describe('GET /v1/jobs/{id}/checkpoints', () => {
  test('200: lists them, the latest first, with the loss at their step', async () => {
    const answer = await call('GET', url)

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ object: 'list', has_more: false, first_id: last })
    expect(answer.json().data).toMatchObject([
      { id: last, object: 'checkpoint', job: running.id, step: 8, metric: 0.7, best: false },
      { id: best, step: 4, metric: 0.5, best: true, weights: { bytes: 3, sha256 } },
      { id: before, step: 1, metric: null, best: false },
    ])
  })

  test('200: page by page', async () => {
    const answer = await call('GET', `${url}?limit=1&after=${last}`)

    expect(answer.json().data.map(({ id }: { id: string }) => id)).toEqual([best])
    expect(answer.json().has_more).toBe(true)
  })

  test('an event tells of each', async () => {
    const { data } = (await call('GET', `/v1/jobs/${running.id}/events`)).json()
    const told = data.filter(({ type }: { type: string }) => type === 'checkpoint')

    expect(told.map((event: { data: object }) => event.data)).toEqual(
      [
        [before, 1],
        [best, 4],
        [last, 8],
      ].map(([checkpoint, step]) => ({ checkpoint, step, epoch: 0 })),
    )
  })
})

describe('GET /v1/jobs/{id}/checkpoints/{id}/weights', () => {
  test('200: the file, named by its hash, while the job still trains', async () => {
    const answer = await call('GET', `${url}/${best}/weights`)

    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload).toEqual(Buffer.from(checkpointFiles.weights))
    expect(answer.headers).toMatchObject({
      etag: `"sha256:${sha256}"`,
      'content-disposition': `attachment; filename="${running.id}-step-4.safetensors"`,
    })
    const head = await call('HEAD', `${url}/${best}/weights`)
    expect(head.headers['content-length']).toBe('3')
  })

  test('206: a part of it', async () => {
    const headers = { range: 'bytes=1-' }
    const answer = await call('GET', `${url}/${best}/weights`, undefined, { headers })

    expect(answer.statusCode).toBe(206)
    expect([...answer.rawPayload]).toEqual([2, 3])
  })

  test("404: no such checkpoint, nor one of another job, nor another project's", async () => {
    const other = await aJobThatIs(api, 'running', dataset)
    const paths = [`${url}/${newId('checkpoint')}`, `/v1/jobs/${other.id}/checkpoints/${best}`]
    for (const path of paths) {
      const answer = await call('GET', `${path}/weights`)
      expect(answer.statusCode).toBe(404)
      expect(answer.json().code).toBe('checkpoint_not_found')
    }
    const neighbors = await call('GET', `${url}/${best}/weights`, undefined, {
      key: keys.neighbor,
    })
    expect(neighbors.json()).toMatchObject({ status: 404, code: 'job_not_found' })
  })

  test('400: what is no id', async () => {
    expect((await call('GET', `${url}/4/weights`)).statusCode).toBe(400)
  })
})

test('a job that is deleted leaves none of their chunks', async () => {
  await store.finishRun(claim, { jobStatus: 'failed', runStatus: 'failed', reason: null })
  expect((await call('DELETE', `/v1/jobs/${running.id}`)).statusCode).toBe(204)
  const { rows } = await store.db.query(
    'SELECT id FROM blobs WHERE id NOT IN (SELECT blob_id FROM datasets)',
  )

  expect(rows).toEqual([])
})
