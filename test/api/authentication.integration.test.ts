import { expect, test } from 'vitest'

import { issueKey } from '../../src/store/keys/api-key-secret.ts'
import { revokeApiKey } from '../../src/store/keys/api-keys.ts'
import { testApi } from './support/api.ts'

const { app, call, createKey, projectId, store } = await testApi()

function withHeader(authorization: string) {
  return call('GET', '/v1/limits', undefined, { key: null, headers: { authorization } })
}

test('401 says how to authenticate, and nothing about which part of a key was wrong', async () => {
  const known = await createKey({ projectId })
  const wrongSecret = issueKey().secret.replace(/^ty_\w{32}/, `ty_${known.id.slice(4)}`)
  const answers = await Promise.all([
    withHeader(`Bearer ${issueKey().secret}`),
    withHeader(`Bearer ${known.secret.slice(0, -1)}`),
    withHeader(`Bearer ${wrongSecret}`),
    withHeader('Bearer x'),
    withHeader(`Bearer ${'x'.repeat(2_000)}`),
  ])

  for (const answer of answers) {
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  }
  expect(new Set(answers.map((answer) => answer.json().detail)).size).toBe(1)
})

test('401: another scheme, two keys, a key in the URL', async () => {
  const { secret } = await createKey({ projectId })
  for (const header of ['', 'Bearer', 'Bearer ', secret, `Basic ${secret}`, `Bearer ${secret} x`]) {
    expect((await withHeader(header)).statusCode, header).toBe(401)
  }
  const inUrl = await call('GET', `/v1/limits?key=${secret}`, undefined, { key: null })
  expect(inUrl.statusCode).toBe(401)
})

test('the scheme may be written in any case', async () => {
  const { secret } = await createKey({ projectId })
  expect((await withHeader(`bearer ${secret}`)).statusCode).toBe(200)
})

test('a key that another process made works at once, also right after it did not exist', async () => {
  const key = issueKey()
  const header = `Bearer ${key.secret}`
  expect((await withHeader(header)).statusCode).toBe(401)
  await store.db.query(
    `INSERT INTO api_keys (id, project_id, name, scopes, secret_sha256)
    VALUES ($1, $2, 'k', '{jobs:read}', $3)`,
    [key.id, projectId, Buffer.from(key.sha256)],
  )
  expect((await withHeader(header)).statusCode).toBe(200)
})

test('a key that another process revoked stops within a second', async () => {
  const { id, secret } = await createKey({ projectId })
  expect((await withHeader(`Bearer ${secret}`)).statusCode).toBe(200)
  await store.transaction((transaction) => revokeApiKey(transaction, id))
  await new Promise((resolve) => setTimeout(resolve, 1_050))
  expect((await withHeader(`Bearer ${secret}`)).statusCode).toBe(401)
})

test('the use of a key is written down, at the latest when the service stops', async () => {
  const { id, secret } = await createKey({ projectId })
  await withHeader(`Bearer ${secret}`)

  await app.close()
  const { rows } = await store.db.query('SELECT last_used_at FROM api_keys WHERE id = $1', [id])
  expect(rows[0].last_used_at).not.toBeNull()
})
