/** @file Bodies that no client means well with: each a 4xx problem, and nothing stored. */
import { afterAll, expect, test } from 'vitest'

import { testApi } from './support/api.ts'

const { call, keys, store } = await testApi()
const asAdmin = { key: keys.admin }
const counted = async () => (await store.db.query('SELECT count(*)::int AS n FROM projects')).rows
const before = await counted()

afterAll(async () => {
  expect(await counted()).toEqual(before)
})

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test.each<[string, string, number, string]>([
  ['200,000 levels', `{"name":${deep(100_000)}}`, 400, 'invalid_json'],
  ['65 levels', `{"name":${deep(64)}}`, 400, 'invalid_json'],
  ['open brackets without end', '['.repeat(200_000), 400, 'invalid_json'],
  ['NUL in text', String.raw`{"name":"a\u0000"}`, 400, 'invalid_json'],
  ['a lone surrogate', String.raw`{"name":"\ud800"}`, 400, 'invalid_json'],
  ['__proto__', '{"name":"x","__proto__":{"a":1}}', 400, 'invalid_json'],
  ['constructor.prototype', '{"constructor":{"prototype":{}}}', 400, 'invalid_json'],
  ['1e999', '{"name":1e999}', 400, 'invalid_json'],
  ['NaN', '{"name":NaN}', 400, 'invalid_json'],
  ['Infinity', '{"name":Infinity}', 400, 'invalid_json'],
  ['half an object', '{"name":', 400, 'invalid_json'],
  ['a string', '"name"', 400, 'invalid_request'],
  ['null', 'null', 400, 'invalid_request'],
  ['an array', '[]', 400, 'invalid_request'],
  ['nothing', '', 400, 'invalid_request'],
  ['a number for a text', '{"name":5}', 400, 'invalid_request'],
  ['a text of 10,000 letters', `{"name":"${'x'.repeat(10_000)}"}`, 400, 'invalid_request'],
  ['more than 256 KiB', `{"name":"${'x'.repeat(262_144)}"}`, 413, 'payload_too_large'],
])('%s', async (_, body, status, code) => {
  const answer = await call('POST', '/v1/projects', body, asAdmin)
  expect(answer.statusCode).toBe(status)
  expect(answer.json().code).toBe(code)
})

test.each([
  ['text/plain', 'name'],
  ['application/x-www-form-urlencoded', 'name=x'],
  ['application/xml', '<name/>'],
  ['application/jsonx', '{"name":"x"}'],
  ['nonsense', '{"name":"x"}'],
])('415: %s, and the answer says what is read', async (type, body) => {
  const headers = { 'content-type': type }
  const answer = await call('POST', '/v1/projects', body, { ...asAdmin, headers })
  expect(answer.statusCode).toBe(415)
  expect(answer.json()).toMatchObject({
    code: 'unsupported_media_type',
    detail: `Expected Content-Type: application/json, got ${JSON.stringify(type)}.`,
  })
})

test.each([
  ['/v1/projects?after=%00'],
  ['/v1/api-keys?project=%00'],
  ['/v1/projects/%00'],
  ['/v1/projects/%ED%A0%80'],
  ['/v1/projects/%zz'],
  ['/v1/projects?limit[]=1'],
  ['/v1/projects?limit=1&limit=2'],
  ['/v1/projects?__proto__=1'],
  ['/v1/projects?limit=1e999'],
  [`/v1/projects?after=${'x'.repeat(8_000)}`],
])('400: %s', async (url) => {
  const answer = await call('GET', url, undefined, asAdmin)
  expect(answer.statusCode).toBe(400)
  expect(answer.json().code).toBe('invalid_request')
})

test('404: a path that does not exist, and 405 with Allow: a method that its path does not know', async () => {
  expect((await call('GET', '/v1/nothing')).json().code).toBe('route_not_found')
  expect((await call('GET', `/v1/projects/${'x'.repeat(500)}`)).json().code).toBe('route_not_found')

  const answer = await call('PUT', '/v1/projects', { name: 'x' }, asAdmin)
  expect(answer.statusCode).toBe(405)
  expect(answer.headers.allow).toBe('GET, HEAD, POST')
  const one = await call('PUT', `/v1/projects/x`, {}, asAdmin)
  expect(one.headers.allow).toBe('DELETE, GET, HEAD, PATCH')
})
