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
  const headers = { 'idempotency-key': 'shared in the project' }
  const first = await call('POST', '/v1/jobs', aJobOn(dataset), { key: keys.project, headers })
  const second = await call('POST', '/v1/jobs', aJobOn(dataset), { key: secret, headers })
  expect(second.json().id).toBe(first.json().id)
})
