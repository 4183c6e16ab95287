/** @file Rotation of API keys: a new secret, an old one that works a while longer, and nothing more. */
import { afterAll, expect, test } from 'vitest'

import { createAuthenticator } from '../../src/api/authenticator.ts'
import { newId } from '../../src/contract/ids.ts'
import { Scope } from '../../src/contract/tenancy.ts'
import { createProject } from '../../src/store/projects.ts'
import { testApi, testLimits } from './support/api.ts'

const { call, createKey, keys, projectId, store } = await testApi()
const asAdmin = { key: keys.admin }

const rotate = (id: string, body: object = {}, options = asAdmin) =>
  call('POST', `/v1/api-keys/${id}/rotate`, body, options)
const read = async (id: string) =>
  (await call('GET', `/v1/api-keys/${id}`, undefined, asAdmin)).json()
const statusWith = async (key: string) =>
  (await call('GET', '/v1/limits', undefined, { key })).statusCode
const inSeconds = (text: string) => (Date.parse(text) - Date.now()) / 1000

test('201: the new secret may do what the old one may, and both work in the overlap', async () => {
  const old = await createKey({ projectId, scopes: ['jobs:read', 'predict'] })
  const answer = await rotate(old.id, { overlap_seconds: 600 })

  expect(answer.statusCode).toBe(201)
  const { id, secret, ...rest } = answer.json()
  expect(answer.headers.location).toBe(`/v1/api-keys/${id}`)
  expect(rest).toMatchObject({
    name: 'test',
    project: projectId,
    scopes: ['jobs:read', 'predict'],
    expires_at: null,
    replaces: old.id,
    replaced_by: null,
  })
  expect(secret).not.toBe(old.secret)
  expect([await statusWith(secret), await statusWith(old.secret)]).toEqual([200, 200])
  const after = await read(old.id)
  expect(after).toMatchObject({ replaced_by: id, revoked_at: null })
  expect(inSeconds(after.expires_at)).toBeGreaterThan(590)
  expect(inSeconds(after.expires_at)).toBeLessThanOrEqual(600)
})

test('the overlap is a day unless it is given, and never makes the old key live longer', async () => {
  const forever = await createKey({ projectId })
  await rotate(forever.id)
  expect(inSeconds((await read(forever.id)).expires_at)).toBeGreaterThan(86_000)

  const expiresAt = new Date(Date.now() + 60_000)
  const short = await createKey({ projectId, expiresAt })
  await rotate(short.id, { overlap_seconds: 600 })
  expect((await read(short.id)).expires_at).toBe(expiresAt.toISOString())
})

test('when the overlap has ended the old key is a 401 that says so, and which key replaced it', async () => {
  const old = await createKey({ projectId })
  const { id, secret } = (await rotate(old.id, { overlap_seconds: 1 })).json()
  expect(await statusWith(old.secret)).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 1_100))

  const refused = await call('GET', '/v1/limits', undefined, { key: old.secret })
  expect(refused.json()).toMatchObject({ status: 401, code: 'api_key_expired' })
  expect(refused.json().detail).toContain(id)
  expect(refused.headers['www-authenticate']).toBe('Bearer')
  expect(await statusWith(secret)).toBe(200)
})

test('with an overlap of 0 the old key stops at once, though it was just used', async () => {
  const old = await createKey({ projectId })
  expect(await statusWith(old.secret)).toBe(200)
  const { secret } = (await rotate(old.id, { overlap_seconds: 0 })).json()

  const refused = await call('GET', '/v1/limits', undefined, { key: old.secret })
  expect(refused.json()).toMatchObject({ status: 401, code: 'api_key_revoked' })
  expect((await read(old.id)).revoked_at).not.toBeNull()
  expect(await statusWith(secret)).toBe(200)
})

test('another process lets go of the old key within a second', async () => {
  const other = createAuthenticator({ store, limits: testLimits, onError: () => {} })
  afterAll(() => other.close())
  const old = await createKey({ projectId })
  await other.authenticate(`Bearer ${old.secret}`)
  await rotate(old.id, { overlap_seconds: 0 })

  await new Promise((resolve) => setTimeout(resolve, 1_050))
  await expect(other.authenticate(`Bearer ${old.secret}`)).rejects.toMatchObject({
    code: 'api_key_revoked',
  })
})

test('the new key lives as long as the old one was made for, unless it is given its own end', async () => {
  const month = 30 * 86_400
  const old = await createKey({ projectId, expiresAt: new Date(Date.now() + month * 1000) })
  await store.db.query(
    `UPDATE api_keys SET created_at = now() - interval '29 days' WHERE id = $1`,
    [old.id],
  )
  const renewed = (await rotate(old.id)).json()
  expect(inSeconds(renewed.expires_at) / 86_400).toBeCloseTo(59, 1)

  const own = (await rotate(renewed.id, { ttl_seconds: 60 })).json()
  expect(inSeconds(own.expires_at)).toBeLessThanOrEqual(60)
  const dated = (await rotate(own.id, { expires_at: '9999-12-31T23:59:59Z' })).json()
  expect(dated.expires_at).toBe('9999-12-31T23:59:59.000Z')
  expect((await rotate(dated.id)).json().expires_at).toBe('9999-12-31T23:59:59.000Z')
})

test('of two rotations at once one makes a key, and the other is told which', async () => {
  for (let round = 0; round < 20; round++) {
    const old = await createKey({ projectId })
    const answers = await Promise.all([rotate(old.id), rotate(old.id), rotate(old.id)])
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    expect(made).toHaveLength(1)
    for (const answer of answers) {
      if (answer === made[0]) continue
      expect(answer.json()).toMatchObject({ status: 409, code: 'api_key_not_rotatable' })
      expect(answer.json().detail).toContain(made[0].json().id)
    }
    const { rows } = await store.db.query('SELECT 1 FROM api_keys WHERE replaces = $1', [old.id])
    expect(rows).toHaveLength(1)
  }
})

test('a rotation and a revocation at once leave the old key revoked, and at most one new key', async () => {
  for (let round = 0; round < 20; round++) {
    const old = await createKey({ projectId })
    const [rotated, revoked] = await Promise.all([
      rotate(old.id),
      call('DELETE', `/v1/api-keys/${old.id}`, undefined, asAdmin),
    ])
    expect(revoked.statusCode).toBe(204)
    expect((await read(old.id)).revoked_at).not.toBeNull()
    expect([201, 409]).toContain(rotated.statusCode)
  }
})

test('a rotation and the removal of its project at once do not wait for each other', async () => {
  for (let round = 0; round < 20; round++) {
    const home = newId('project')
    await createProject(store.db, home, 'short-lived')
    const scopes = round % 2 ? Scope.options : undefined
    const old = await createKey({ projectId: home, ...(scopes && { scopes }) })
    const [rotated, removed] = await Promise.all([
      rotate(old.id),
      call('DELETE', `/v1/projects/${home}`, undefined, asAdmin),
    ])
    expect(removed.statusCode).toBe(204)
    expect([201, 404]).toContain(rotated.statusCode)
  }
})

test('409: a key that is revoked or expired', async () => {
  const revoked = await createKey({ projectId })
  await call('DELETE', `/v1/api-keys/${revoked.id}`, undefined, asAdmin)
  const expired = await createKey({ projectId, expiresAt: new Date(Date.now() - 1_000) })
  for (const [{ id }, why] of [
    [revoked, 'is revoked'],
    [expired, 'has expired'],
  ] as const) {
    const answer = await rotate(id)
    expect(answer.json()).toMatchObject({ status: 409, code: 'api_key_not_rotatable' })
    expect(answer.json().detail).toContain(why)
    expect((await read(id)).replaced_by).toBeNull()
  }
})

test('404: a key that is not there. 400: an overlap that cannot be, two ends, a time that is over', async () => {
  const missing = await rotate(newId('apiKey'))
  expect(missing.json()).toMatchObject({ status: 404, code: 'api_key_not_found' })

  const { id } = await createKey({ projectId })
  const cases = [
    [{ overlap_seconds: -1 }, '/overlap_seconds'],
    [{ overlap_seconds: 1.5 }, '/overlap_seconds'],
    [{ overlap_seconds: 2_592_001 }, '/overlap_seconds'],
    [{ ttl_seconds: 0 }, '/ttl_seconds'],
    [{ ttl_seconds: 60, expires_at: '2999-01-01T00:00:00Z' }, '/ttl_seconds'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
  ] as const
  for (const [body, pointer] of cases) {
    const answer = await rotate(id, body)
    expect(answer.statusCode, JSON.stringify(body)).toBe(400)
    expect(answer.json().errors[0].pointer, JSON.stringify(body)).toBe(pointer)
  }
  expect((await read(id)).replaced_by).toBeNull()
})

test('a replay comes without the secret, which is stored nowhere', async () => {
  const old = await createKey({ projectId })
  const options = { ...asAdmin, headers: { 'idempotency-key': 'rotate-once' } }
  const first = (await rotate(old.id, {}, options)).json()
  const replay = await rotate(old.id, {}, options)

  expect(first.secret).toMatch(/^ty_/)
  expect(replay.statusCode).toBe(201)
  expect(replay.json()).toEqual({ ...first, secret: null })
  const { rows } = await store.db.query(
    'SELECT body::text AS text FROM idempotency_keys UNION ALL SELECT api_keys::text FROM api_keys',
  )
  expect(rows.filter(({ text }) => text.includes(first.secret.split('_').at(-1)))).toEqual([])
})

test('an admin key can rotate itself, and goes on with the new secret', async () => {
  const old = await createKey({ projectId: null, scopes: ['admin'] })
  const { id, secret } = (await rotate(old.id, { overlap_seconds: 0 }, { key: old.secret })).json()

  expect((await rotate(id, {}, { key: old.secret })).statusCode).toBe(401)
  const own = await call('GET', `/v1/api-keys/${id}`, undefined, { key: secret })
  expect(own.json()).toMatchObject({ scopes: ['admin'], replaces: old.id })
})

test('a key without admin can make, rotate and revoke none, not even itself', async () => {
  const scopes = Scope.options.filter((scope) => scope !== 'admin')
  const { id, secret: key } = await createKey({ projectId, scopes })
  const answers = await Promise.all([
    call('POST', '/v1/api-keys', { name: 'k', project: projectId, scopes: ['jobs:read'] }, { key }),
    call('POST', '/v1/api-keys', { name: 'k', scopes: ['admin'] }, { key }),
    call('GET', `/v1/api-keys/${id}`, undefined, { key }),
    rotate(id, {}, { key }),
    call('DELETE', `/v1/api-keys/${id}`, undefined, { key }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403, 403])
})

test('ttl_seconds gives a new key its end', async () => {
  const body = { name: 'k', project: projectId, ttl_seconds: 3_600 }
  const made = (await call('POST', '/v1/api-keys', body, asAdmin)).json()
  expect(inSeconds(made.expires_at)).toBeGreaterThan(3_590)
  expect(inSeconds(made.expires_at)).toBeLessThanOrEqual(3_600)

  const both = { ...body, expires_at: '2999-01-01T00:00:00Z' }
  const answer = await call('POST', '/v1/api-keys', both, asAdmin)
  expect(answer.json()).toMatchObject({ status: 400, errors: [{ pointer: '/ttl_seconds' }] })
})

test('the last admin key can be rotated; its successor is the last one then', async () => {
  const last = await createKey({ projectId, scopes: Scope.options })
  await store.db.query(
    `UPDATE api_keys SET revoked_at = now() WHERE 'admin' = ANY(scopes) AND id <> $1`,
    [last.id],
  )
  const { id, secret } = (await rotate(last.id, {}, { key: last.secret })).json()

  const asNew = { key: secret }
  const revoked = await call('DELETE', `/v1/api-keys/${id}`, undefined, asNew)
  expect(revoked.json()).toMatchObject({ status: 409, code: 'last_admin_key' })
  expect((await call('DELETE', `/v1/api-keys/${last.id}`, undefined, asNew)).statusCode).toBe(204)
  expect((await call('GET', '/v1/projects', undefined, asNew)).statusCode).toBe(200)
})
