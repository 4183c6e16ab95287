import { describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { encodeSafetensors } from '../../src/engine/index.ts'
import { aCheckpoint } from '../store/support/seed.ts'
import { testApi } from './support/api.ts'
import { aJobOn, aJobThatIs, storeTable } from './support/jobs.ts'

const api = await testApi()
const { call, keys, neighborId, store } = api
const dataset = await storeTable(api, api.projectId)

/** Of what `aJobOn` trains: two columns, eight hidden units, one output. */
const weightsOf = (hidden: number) =>
  encodeSafetensors(
    Object.fromEntries(
      Object.entries({
        '0.weight': [hidden, 2],
        '0.bias': [hidden],
        '2.weight': [1, hidden],
        '2.bias': [1],
      }).map(([name, shape]) => [
        name,
        { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) },
      ]),
    ),
    { task: 'classification' },
  )

async function aSource(hidden = 8) {
  const { id: job, claim } = await aJobThatIs(api, 'running', dataset)
  if (!claim) throw new Error('Expected a claim.')
  const files = { weights: weightsOf(hidden), rest: new Uint8Array(1) }
  return { claim, from: { job, checkpoint: await aCheckpoint(store, claim, 3, files) } }
}

/** It has left weights as its result, and no checkpoint. */
async function aSucceededSource(hidden = 8) {
  const { id: job, claim } = await aJobThatIs(api, 'running', dataset)
  if (!claim) throw new Error('Expected a claim.')
  await store.finishRun(claim, {
    jobStatus: 'succeeded',
    runStatus: 'succeeded',
    reason: null,
    weights: {
      content: weightsOf(hidden),
      preprocessing: {
        version: 1,
        inputs: 2,
        features: [],
        target: { task: 'regression', columns: [] },
      },
    },
  })
  return { job }
}

const starting = (from: object) => ({
  ...aJobOn(dataset),
  model: { type: 'mlp', hidden: [8] },
  init_from: from,
})

describe('init_from', () => {
  test('202: names a checkpoint, and is part of the spec', async () => {
    const { from } = await aSource()
    const answer = await call('POST', '/v1/jobs', starting(from))

    expect(answer.json()).toMatchObject({ status: 'queued', spec: { init_from: from } })
    expect(answer.statusCode).toBe(202)
    expect((await call('POST', '/v1/plans', starting(from))).statusCode).toBe(200)
  })

  test('409: what an unfinished job starts from is not deleted', async () => {
    const { claim, from } = await aSource()
    const { id } = (await call('POST', '/v1/jobs', starting(from))).json()
    await store.finishRun(claim, { jobStatus: 'failed', runStatus: 'failed', reason: null })
    const refused = await call('DELETE', `/v1/jobs/${from.job}`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({
      code: 'checkpoint_in_use',
      detail: expect.stringContaining(id),
    })
    await call('POST', `/v1/jobs/${id}/cancel`)

    expect((await call('DELETE', `/v1/jobs/${from.job}`)).statusCode).toBe(204)
  })

  test.each(['/v1/jobs', '/v1/plans'])(
    '%s 422: of another network, with the shapes',
    async (url) => {
      const { from } = await aSource(9)
      const answer = await call('POST', url, starting(from))

      expect(answer.statusCode).toBe(422)
      expect(answer.json()).toMatchObject({
        code: 'invalid_spec',
        errors: [{ pointer: '/init_from', code: 'weights_mismatch' }],
      })
      expect(answer.json().detail).toContain('(8, 2), but the checkpoint has one of (9, 2)')
    },
  )

  test.each(['/v1/jobs', '/v1/plans'])('%s 404: no such job or checkpoint', async (url) => {
    const [{ from }, other] = [await aSource(), await aSource()]
    const cases = [
      [{ ...from, job: newId('job') }, 'job_not_found', '/init_from/job'],
      [
        { ...from, checkpoint: newId('checkpoint') },
        'checkpoint_not_found',
        '/init_from/checkpoint',
      ],
      [{ ...from, job: other.from.job }, 'checkpoint_not_found', '/init_from/checkpoint'],
    ] as const
    for (const [wrong, code, pointer] of cases) {
      const answer = await call('POST', url, starting(wrong))
      expect(answer.statusCode).toBe(404)
      expect(answer.json()).toMatchObject({ code, errors: [{ pointer, code }] })
    }
  })

  test.each(['/v1/jobs', '/v1/plans'])(
    "%s 404: another project's is as missing as nobody's",
    async (url) => {
      const { from } = await aSource()
      const theirs = { ...starting(from), dataset: await storeTable({ store }, neighborId) }
      const nobodys = { ...theirs, init_from: { ...from, job: newId('job') } }
      const answers = [theirs, nobodys].map((body) =>
        call('POST', url, body, { key: keys.neighbor }),
      )
      const [one, other] = await Promise.all(answers)

      expect(one?.statusCode).toBe(404)
      expect(one?.json().code).toBe('job_not_found')
      const withoutIds = (text = '') => text.replaceAll(/(job|req)_[0-9a-f]{32}/g, '$1')
      expect(withoutIds(one?.body)).toBe(withoutIds(other?.body))
    },
  )
})

describe('init_from without a checkpoint', () => {
  test('202: names a job that has succeeded, and is part of the spec', async () => {
    const from = await aSucceededSource()
    const answer = await call('POST', '/v1/jobs', starting(from))

    expect(answer.statusCode).toBe(202)
    expect(answer.json().spec.init_from).toEqual(from)
    expect((await call('GET', `/v1/jobs/${answer.json().id}`)).json().spec.init_from).toEqual(from)
    expect((await call('POST', '/v1/plans', starting(from))).statusCode).toBe(200)
  })

  test('409: a job that an unfinished one starts from is not deleted', async () => {
    const from = await aSucceededSource()
    const { id } = (await call('POST', '/v1/jobs', starting(from))).json()
    const refused = await call('DELETE', `/v1/jobs/${from.job}`)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({
      code: 'weights_in_use',
      detail: expect.stringContaining(id),
    })
    await call('POST', `/v1/jobs/${id}/cancel`)

    expect((await call('DELETE', `/v1/jobs/${from.job}`)).statusCode).toBe(204)
  })

  test.each(['/v1/jobs', '/v1/plans'])(
    '%s 422: of a job that has not succeeded, with its status and a way on',
    async (url) => {
      for (const status of ['queued', 'running', 'paused', 'failed', 'cancelled'] as const) {
        const { id: job } = await aJobThatIs(api, status, dataset)
        const answer = await call('POST', url, starting({ job }))
        expect(answer.statusCode).toBe(422)
        const hasEnded = ['failed', 'cancelled'].includes(status)
        const what = hasEnded ? 'Start from another, or name' : 'Wait until it has, or name'
        const detail = `Expected a job that has succeeded, but ${job} is ${status}. ${what} one of its checkpoints in init_from.checkpoint.`
        expect(answer.json()).toMatchObject({
          code: 'invalid_spec',
          detail,
          errors: [{ pointer: '/init_from/job', code: 'job_not_succeeded', detail }],
        })
      }
    },
  )

  test.each(['/v1/jobs', '/v1/plans'])(
    '%s 422: of another network, with the shapes',
    async (url) => {
      const answer = await call('POST', url, starting(await aSucceededSource(9)))

      expect(answer.statusCode).toBe(422)
      expect(answer.json()).toMatchObject({
        code: 'invalid_spec',
        detail:
          'Expected weights 0.weight of shape (8, 2), but the job has one of (9, 2). Start from a job of the same model.',
        errors: [{ pointer: '/init_from', code: 'weights_mismatch' }],
      })
    },
  )

  test.each(['/v1/jobs', '/v1/plans'])(
    "%s 404: a job that is not there, and another project's",
    async (url) => {
      const missing = await call('POST', url, starting({ job: newId('job') }))
      const theirs = await call(
        'POST',
        url,
        {
          ...starting(await aSucceededSource()),
          dataset: await storeTable({ store }, neighborId),
        },
        { key: keys.neighbor },
      )
      for (const answer of [missing, theirs]) {
        expect(answer.statusCode).toBe(404)
        expect(answer.json()).toMatchObject({
          code: 'job_not_found',
          errors: [{ pointer: '/init_from/job', code: 'job_not_found' }],
        })
      }
      const withoutIds = (text: string) => text.replaceAll(/(job|req)_[0-9a-f]{32}/g, '$1')
      expect(withoutIds(theirs.body)).toBe(withoutIds(missing.body))
    },
  )
})
