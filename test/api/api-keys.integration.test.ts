import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { projectScopes } from '../../src/contract/tenancy.ts'
import { testApi } from './support/api.ts'

const { call, createKey, keys, neighborId, projectId, store } = await testApi()
const asAdmin = { key: keys.admin }
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

test('POST 201: the secret works at once, and only its hash is kept', async () => {
  const answer = await call('POST', '/v1/api-keys', { name: 'k', project: projectId }, asAdmin)

  expect(answer.statusCode).toBe(201)
  const { id, secret, ...rest } = answer.json()
  expect(answer.headers.location).toBe(`/v1/api-keys/${id}`)
  expect(rest).toMatchObject({ name: 'k', project: projectId, scopes: projectScopes })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(200)

  const { rows } = await store.db.query('SELECT api_keys::text AS row FROM api_keys')
  const body = secret.split('_').at(-1)
  expect(rows.filter(({ row }) => row.includes(body))).toEqual([])
})

test('POST 201: exactly the scopes that were asked for, each once', async () => {
  const scopes = ['jobs:read', 'predict', 'jobs:read']
  const answer = await call(
    'POST',
    '/v1/api-keys',
    { name: 'k', project: projectId, scopes },
    asAdmin,
  )

  expect(answer.json().scopes).toEqual(['jobs:read', 'predict'])
})

test('POST 201: an admin key needs no project', async () => {
  const answer = await call('POST', '/v1/api-keys', { name: 'a', scopes: ['admin'] }, asAdmin)

  expect(answer.json()).toMatchObject({ project: null, scopes: ['admin'] })
  const key = answer.json().secret
  expect((await call('GET', '/v1/projects', undefined, { key })).statusCode).toBe(200)
})

test('POST with an Idempotency-Key: a replay comes without the secret, which is stored nowhere', async () => {
  const body = { name: 'once', project: projectId }
  const options = { ...asAdmin, headers: { 'idempotency-key': 'key-once' } }
  const first = (await call('POST', '/v1/api-keys', body, options)).json()
  const replay = await call('POST', '/v1/api-keys', body, options)

  expect(first.secret).toMatch(/^ty_/)
  expect(replay.statusCode).toBe(201)
  expect(replay.headers['idempotency-replayed']).toBe('true')
  expect(replay.headers.location).toBe(`/v1/api-keys/${first.id}`)
  expect(replay.json()).toEqual({ ...first, secret: null })
  const { rows } = await store.db.query('SELECT body::text FROM idempotency_keys')
  expect(rows.filter((row) => row.body.includes(first.secret))).toEqual([])
})

test('POST 400: scopes without a project, a time that is over, an unknown scope', async () => {
  const cases = [
    [{ name: 'k' }, '/project'],
    [{ name: 'k', scopes: ['admin', 'jobs:read'] }, '/project'],
    [{ name: 'k', project: projectId, expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    [{ name: 'k', project: projectId, expires_at: 'tomorrow' }, '/expires_at'],
    [{ name: 'k', project: projectId, scopes: ['root'] }, '/scopes/0'],
    [{ name: 'k', project: projectId, scopes: [] }, '/scopes'],
  ] as const
  for (const [body, pointer] of cases) {
    const answer = await call('POST', '/v1/api-keys', body, asAdmin)
    expect(answer.statusCode, JSON.stringify(body)).toBe(400)
    expect(answer.json().errors[0].pointer, JSON.stringify(body)).toBe(pointer)
  }
})

test('POST 404: a project that is not there', async () => {
  const body = { name: 'k', project: newId('project') }
  const answer = await call('POST', '/v1/api-keys', body, asAdmin)

  expect(answer.statusCode).toBe(404)
  expect(answer.json().code).toBe('project_not_found')
})

test('GET 200: lists keys without anything that proves them, by project where asked', async () => {
  const all = (await call('GET', '/v1/api-keys?limit=200', undefined, asAdmin)).json()
  expect(all.data.length).toBeGreaterThan(3)
  expect(JSON.stringify(all)).not.toMatch(/secret|sha256/)

  const url = `/v1/api-keys?project=${neighborId}`
  const page = (await call('GET', url, undefined, asAdmin)).json()
  expect(page.data.map(({ project }: { project: string }) => project)).toEqual([neighborId])
})

test('GET one 200 and 404', async () => {
  const { id } = await createKey({ projectId })
  const answer = await call('GET', `/v1/api-keys/${id}`, undefined, asAdmin)
  expect(answer.json()).toMatchObject({ id, revoked_at: null, last_used_at: null })

  const missing = await call('GET', `/v1/api-keys/${newId('apiKey')}`, undefined, asAdmin)
  expect(missing.statusCode).toBe(404)
  expect(missing.json().code).toBe('api_key_not_found')
})

test('DELETE 204: the key stops at once, though it was just used, and stays in the list', async () => {
  const { id, secret } = await createKey({ projectId })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(200)

  const answer = await call('DELETE', `/v1/api-keys/${id}`, undefined, asAdmin)
  expect(answer.statusCode).toBe(204)
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(401)
  const after = (await call('GET', `/v1/api-keys/${id}`, undefined, asAdmin)).json()
  expect(after.revoked_at).not.toBeNull()

  const again = await call('DELETE', `/v1/api-keys/${id}`, undefined, asAdmin)
  expect(again.statusCode).toBe(204)
  expect((await call('GET', `/v1/api-keys/${id}`, undefined, asAdmin)).json()).toEqual(after)
})

test('DELETE 404: a key that is not there', async () => {
  const answer = await call('DELETE', `/v1/api-keys/${newId('apiKey')}`, undefined, asAdmin)
  expect(answer.json()).toMatchObject({ status: 404, code: 'api_key_not_found' })
})

test('an expired key is a 401, to the second', async () => {
  const { secret } = await createKey({ projectId, expiresAt: new Date(Date.now() + 400) })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 450))
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(401)

  const body = { name: 'k', project: projectId, expires_at: inAnHour() }
  expect((await call('POST', '/v1/api-keys', body, asAdmin)).json().expires_at).toBe(
    body.expires_at,
  )
})
