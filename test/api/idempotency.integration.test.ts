import { expect, test } from 'vitest'

import { testApi } from './support/api.ts'
import { aJobOn, storeTable } from './support/jobs.ts'

const api = await testApi()
const { call, keys, projectId } = api
const dataset = await storeTable(api, projectId)
const aJob = async () => (await call('POST', '/v1/jobs', aJobOn(dataset))).json().id

function cancel(jobId: string, key: string) {
  const headers = { 'idempotency-key': key }
  return call('POST', `/v1/jobs/${jobId}/cancel`, undefined, { headers })
}

test('a key belongs to one path, also where no body tells two requests apart', async () => {
  const [one, other] = [await aJob(), await aJob()]
  expect((await cancel(one, 'cancel')).statusCode).toBe(200)
  expect((await cancel(one, 'cancel')).headers['idempotency-replayed']).toBe('true')

  const answer = await cancel(other, 'cancel')
  expect(answer.json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' })
  expect((await call('GET', `/v1/jobs/${other}`)).json().status).toBe('queued')
})

test('spaces in the JSON make no other request, and a default that is written out neither', async () => {
  const options = { headers: { 'idempotency-key': 'spaces' } }
  const body = aJobOn(dataset)
  const first = await call('POST', '/v1/jobs', body, options)
  const spaced = await call('POST', '/v1/jobs', JSON.stringify(body, null, 2), options)
  const explicit = await call('POST', '/v1/jobs', { ...body, priority: 0 }, options)

  expect(spaced.json().id).toBe(first.json().id)
  expect(explicit.json().id).toBe(first.json().id)
})

test('a refused request leaves its key free', async () => {
  const options = { headers: { 'idempotency-key': 'refused' } }
  const wrong = { ...aJobOn(dataset), target: { column: 'no such column' } }
  expect((await call('POST', '/v1/jobs', wrong, options)).statusCode).toBe(422)

  const right = await call('POST', '/v1/jobs', aJobOn(dataset), options)
  expect(right.statusCode).toBe(202)
  expect(right.headers['idempotency-replayed']).toBeUndefined()
})

test('a replay tells nobody: the relay was woken once', async () => {
  const before = api.wakes()
  const options = { headers: { 'idempotency-key': 'wake' } }
  for (let i = 0; i < 3; i++) await call('POST', '/v1/jobs', aJobOn(dataset), options)
  expect(api.wakes() - before).toBe(1)
})

test('keys of a project are shared by its API keys', async () => {
  const { secret } = await api.createKey({ projectId })
  const headers = { 'idempotency-key': 'shared-in-the-project' }
  const first = await call('POST', '/v1/jobs', aJobOn(dataset), { key: keys.project, headers })
  const second = await call('POST', '/v1/jobs', aJobOn(dataset), { key: secret, headers })
  expect(first.statusCode).toBe(202)
  expect(second.json().id).toBe(first.json().id)
})

const keptBytes = async () => {
  const { rows } = await api.store.db.query<{ bytes: number }>(
    'SELECT sum(pg_column_size(answers.*))::int AS bytes FROM idempotency_keys answers',
  )
  return rows[0].bytes
}

test('what is kept for a key does not grow with the job', async () => {
  const dropouts = Array.from({ length: 200 }, (_, at) => ({
    type: 'dropout',
    rate: Math.sin(at) ** 2 / 2,
  }))
  const layers = [
    ...Array.from({ length: 2 }, () => ({ type: 'residual', layers: dropouts })),
    { type: 'dense', units: 1 },
  ]
  const body = { ...aJobOn(dataset), model: { type: 'layers', layers } }
  const before = await keptBytes()
  const headers = (at: number) => ({ headers: { 'idempotency-key': `large-${at}` } })
  const job = await call('POST', '/v1/jobs', body, headers(0))
  expect(job.rawPayload.length).toBeGreaterThan(15_000)
  for (let at = 1; at <= 20; at++) {
    await call('POST', `/v1/jobs/${job.json().id}/cancel`, undefined, headers(at))
  }

  expect((await keptBytes()) - before).toBeLessThan(21 * 1_500)
})

test('a replay tells of the job as it was, whatever has become of it', async () => {
  const headers = (key: string) => ({ headers: { 'idempotency-key': key } })
  const post = (key: string) => call('POST', '/v1/jobs', aJobOn(dataset), headers(key))
  const created = await post('as-it-was')
  const { id } = created.json()
  const ask = (intent: string) =>
    call('POST', `/v1/jobs/${id}/${intent}`, undefined, headers(`to-${intent}`))
  const paused = await ask('pause')
  const resumed = await ask('resume')
  await ask('cancel')

  for (const [first, again] of [
    [created, await post('as-it-was')],
    [paused, await ask('pause')],
    [resumed, await ask('resume')],
  ]) {
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.statusCode).toBe(first.statusCode)
    expect(again.json()).toEqual(first.json())
  }
})

test('a replay of a job that was deleted since is a 404, and makes no other', async () => {
  const options = { headers: { 'idempotency-key': 'deleted-since' } }
  const { id } = (await call('POST', '/v1/jobs', aJobOn(dataset), options)).json()
  await call('POST', `/v1/jobs/${id}/cancel`)
  expect((await call('DELETE', `/v1/jobs/${id}`)).statusCode).toBe(204)

  const again = await call('POST', '/v1/jobs', aJobOn(dataset), options)
  expect(again.statusCode).toBe(404)
  expect(again.headers['idempotency-replayed']).toBe('true')
  expect(again.json()).toMatchObject({ code: 'job_not_found', detail: expect.stringContaining(id) })
})

test('a project may have so many keys in a day; a replay and a request without one need none', async () => {
  const setLimit = (idempotency_keys: number | null) =>
    call(
      'PATCH',
      `/v1/projects/${projectId}`,
      { limits: { idempotency_keys } },
      { key: keys.admin },
    )
  const { rows } = await api.store.db.query<{ keys: number }>(
    'SELECT count(*)::int AS keys FROM idempotency_keys WHERE owner = $1',
    [projectId],
  )
  await setLimit(rows[0].keys + 1)
  const post = (key?: string) =>
    call('POST', '/v1/jobs', aJobOn(dataset), {
      headers: key === undefined ? {} : { 'idempotency-key': key },
    })
  await new Promise((resolve) => setTimeout(resolve, 1_100)) // keys of refused requests were counted
  expect((await post('the-last')).statusCode).toBe(202)

  const refused = await post('one-too-many')
  expect(refused.statusCode).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(refused.json()).toMatchObject({
    code: 'too_many_idempotency_keys',
    detail: expect.stringContaining(`${rows[0].keys + 1} may be (idempotency_keys)`),
  })
  expect((await post('the-last')).headers['idempotency-replayed']).toBe('true')
  expect((await post()).statusCode).toBe(202)

  await setLimit(null)
  expect((await post('one-too-many')).statusCode).toBe(202)
})
