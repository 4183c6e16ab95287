import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { testApi } from './support/api.ts'
import { insertDataset } from './support/rows.ts'

const { call, createKey, keys, projectId, store } = await testApi()
const asAdmin = { key: keys.admin }

test('POST 201: makes a project, and says where it is', async () => {
  const answer = await call('POST', '/v1/projects', { name: 'churn' }, asAdmin)

  expect(answer.statusCode).toBe(201)
  const project = answer.json()
  expect(project).toMatchObject({ object: 'project', name: 'churn' })
  expect(answer.headers.location).toBe(`/v1/projects/${project.id}`)
  expect((await call('GET', `/v1/projects/${project.id}`, undefined, asAdmin)).json()).toEqual(
    project,
  )
})

test('POST with an Idempotency-Key: sent twice, made once', async () => {
  const options = { ...asAdmin, headers: { 'idempotency-key': 'make-once' } }
  const first = await call('POST', '/v1/projects', { name: 'once' }, options)
  const second = await call('POST', '/v1/projects', { name: 'once' }, options)

  expect(first.headers['idempotency-replayed']).toBeUndefined()
  expect(second.statusCode).toBe(201)
  expect(second.headers['idempotency-replayed']).toBe('true')
  expect(second.headers.location).toBe(first.headers.location)
  expect(second.json()).toEqual(first.json())
})

test('POST with an Idempotency-Key of another body: 422', async () => {
  const options = { ...asAdmin, headers: { 'idempotency-key': 'one-body' } }
  await call('POST', '/v1/projects', { name: 'one' }, options)
  const answer = await call('POST', '/v1/projects', { name: 'two' }, options)

  expect(answer.statusCode).toBe(422)
  expect(answer.json().code).toBe('idempotency_mismatch')
})

test('POST at the same time with the same Idempotency-Key: one project', async () => {
  const options = { ...asAdmin, headers: { 'idempotency-key': 'at-once' } }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call('POST', '/v1/projects', { name: 'at once' }, options)),
  )

  const ids = answers.filter(({ statusCode }) => statusCode === 201).map((a) => a.json().id)
  expect(new Set(ids).size).toBe(1)
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
    expect(answer.json().code).toBe('idempotency_in_flight')
    expect(answer.headers['retry-after']).toBe('1')
  }
})

test('POST 400: an Idempotency-Key that is no key', async () => {
  const options = { ...asAdmin, headers: { 'idempotency-key': 'a b' } }
  const answer = await call('POST', '/v1/projects', { name: 'x' }, options)

  expect(answer.statusCode).toBe(400)
  expect(answer.json().errors[0].pointer).toBe('/headers/idempotency-key')
})

test('POST 400: names each wrong field, and makes nothing', async () => {
  const before = (await call('GET', '/v1/projects?limit=200', undefined, asAdmin)).json().data
  const answer = await call('POST', '/v1/projects', { nme: 'x' }, asAdmin)

  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    code: 'invalid_request',
    errors: [
      { pointer: '/name', detail: 'expected a string, got nothing' },
      { pointer: '/nme', detail: 'there is no property "nme" here; did you mean "name"?' },
    ],
  })
  expect((await call('GET', '/v1/projects?limit=200', undefined, asAdmin)).json().data).toEqual(
    before,
  )
})

test('GET 200: pages lead through all projects, newest first, each once', async () => {
  for (const name of ['p1', 'p2', 'p3']) await call('POST', '/v1/projects', { name }, asAdmin)
  const all = (await call('GET', '/v1/projects?limit=200', undefined, asAdmin)).json()
  expect(all.has_more).toBe(false)

  const seen: string[] = []
  let after = ''
  for (let more = true; more; ) {
    const url = `/v1/projects?limit=2${after && `&after=${after}`}`
    const page = (await call('GET', url, undefined, asAdmin)).json()
    seen.push(...page.data.map(({ id }: { id: string }) => id))
    expect(page.first_id).toBe(page.data[0].id)
    expect(page.last_id).toBe(page.data.at(-1).id)
    after = page.last_id
    more = page.has_more
  }
  expect(seen).toEqual(all.data.map(({ id }: { id: string }) => id))
  expect(seen).toEqual(seen.toSorted().reverse())
})

test('GET 400: a page that cannot be', async () => {
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'after=1', 'order=up', 'offset=1']) {
    const answer = await call('GET', `/v1/projects?${query}`, undefined, asAdmin)
    expect(answer.statusCode, query).toBe(400)
    expect(answer.json().errors[0].pointer, query).toBe(`/query/${query.split('=')[0]}`)
  }
})

test('GET one: 404 for an id that nobody has, 400 for what is no id', async () => {
  const missing = await call('GET', `/v1/projects/${newId('project')}`, undefined, asAdmin)
  expect(missing.statusCode).toBe(404)
  expect(missing.json().code).toBe('project_not_found')

  const malformed = await call('GET', '/v1/projects/prj_1', undefined, asAdmin)
  expect(malformed.statusCode).toBe(400)
  expect(malformed.json().errors[0].pointer).toBe('/path/projectId')
})

test('DELETE 204: the project goes, its keys stop working at once', async () => {
  const { id } = (await call('POST', '/v1/projects', { name: 'short' }, asAdmin)).json()
  const key = (await createKey({ projectId: id })).secret
  expect((await call('GET', '/v1/limits', undefined, { key })).statusCode).toBe(200)

  const answer = await call('DELETE', `/v1/projects/${id}`, undefined, asAdmin)
  expect(answer.statusCode).toBe(204)
  expect(answer.body).toBe('')
  expect((await call('GET', `/v1/projects/${id}`, undefined, asAdmin)).statusCode).toBe(404)
  expect((await call('GET', '/v1/limits', undefined, { key })).statusCode).toBe(401)
})

test('DELETE 404: a project that is not there', async () => {
  const answer = await call('DELETE', `/v1/projects/${newId('project')}`, undefined, asAdmin)
  expect(answer.json().code).toBe('project_not_found')
})

test('DELETE 409: a project that still owns something', async () => {
  await insertDataset(store, projectId)

  const answer = await call('DELETE', `/v1/projects/${projectId}`, undefined, asAdmin)
  expect(answer.statusCode).toBe(409)
  expect(answer.json()).toMatchObject({
    code: 'project_not_empty',
    detail: expect.stringContaining('1 datasets'),
  })
})

test('a key of a project cannot make or see projects, and one of the instance no data', async () => {
  expect((await call('GET', '/v1/projects')).json()).toMatchObject({
    status: 403,
    detail: expect.stringContaining('admin'),
  })
  expect((await call('GET', '/v1/limits', undefined, asAdmin)).json()).toMatchObject({
    status: 403,
    code: 'forbidden',
  })
})
