/**
 * @file The walk over all routes: with no key, a bad, revoked or expired one, too narrow a one, one that
 * may only read, and another project's ids.
 */
import { describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { Scope } from '../../src/contract/tenancy.ts'
import { issueKey } from '../../src/store/keys/api-key-secret.ts'
import { type Method, testApi } from './support/api.ts'
import { aJobOn, storeTable } from './support/jobs.ts'
import { type RouteRow, routeRows } from './support/route-rows.ts'
import { insertCheckpoint } from './support/rows.ts'

const { app, call, createKey, keys, neighborId, projectId, store } = await testApi()

/** New for each use: a route may remove what it is asked about. */
async function makeNeighborsIds(): Promise<Record<string, string>> {
  const dataset = await storeTable({ store }, neighborId)
  const job = await call('POST', '/v1/jobs', aJobOn(dataset), { key: keys.neighbor })
  const { id } = job.json()
  return {
    ':datasetId': await storeTable({ store }, neighborId),
    ':jobId': id,
    ':checkpointId': await insertCheckpoint(store, neighborId, id),
  }
}
const neighborsIds = await makeNeighborsIds()

const nobodysIds: Record<string, string> = {
  ':datasetId': newId('dataset'),
  ':jobId': newId('job'),
  ':checkpointId': newId('checkpoint'),
  ':projectId': newId('project'),
  ':apiKeyId': newId('apiKey'),
}

const methods: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** HEAD comes with every GET, and is walked where it stands alone. */
const registered = app.routeTable.flatMap((route) =>
  route.methods
    .filter((method) => method !== 'HEAD')
    .map((method) => ({ name: `${method} ${route.url}`, method, ...route })),
)

/** A route of the table with ids in its path, as method and URL. */
function fill(name: string, ids: Record<string, string>): [Method, string] {
  const [method, url] = name.split(' ')
  const known = methods.find((each) => each === method)
  if (!known) throw new Error(`${name} has an unknown method.`)
  return [known, url.replaceAll(/:\w+/g, (part) => ids[part] ?? nobodysIds[part])]
}

const guarded = Object.entries(routeRows).filter(([, { scope }]) => scope !== 'public')

test('every route has a row, and every row a route', () => {
  expect(registered.map(({ name }) => name).sort()).toEqual(Object.keys(routeRows).sort())
})

test('every route says of itself what its row says', () => {
  for (const { name, options } of registered) {
    const { scope, public: isPublic } = options.config ?? {}
    expect(isPublic ? 'public' : scope, name).toBe(routeRows[name]?.scope)
  }
})

test('a HEAD needs what its GET needs', () => {
  for (const { url, methods, options } of app.routeTable) {
    if (!methods.includes('HEAD') || methods.includes('GET')) continue
    const { scope, public: isPublic } = options.config ?? {}
    const get = `GET ${url.length > 1 ? url.replace(/\/$/, '') : url}`
    expect(isPublic ? 'public' : scope, url).toBe(routeRows[get]?.scope)
  }
})

describe('401', () => {
  const inThePast = new Date(Date.now() - 1_000)
  test.each([
    ['no key', 'unauthorized', async () => null],
    ['what is no key', 'unauthorized', async () => 'x'],
    ['a key that nobody made', 'unauthorized', async () => issueKey().secret],
    [
      'a revoked key',
      'api_key_revoked',
      async () => {
        const { id, secret } = await createKey({ projectId, scopes: Scope.options })
        await store.db.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id])
        return secret
      },
    ],
    [
      'an expired key',
      'api_key_expired',
      async () => {
        const key = { projectId, scopes: Scope.options, expiresAt: inThePast }
        return (await createKey(key)).secret
      },
    ],
    [
      'a key that was rotated without an overlap',
      'api_key_revoked',
      async () => {
        const { id, secret } = await createKey({ projectId, scopes: Scope.options })
        const asAdmin = { key: keys.admin }
        await call('POST', `/v1/api-keys/${id}/rotate`, { overlap_seconds: 0 }, asAdmin)
        return secret
      },
    ],
  ])('with %s, on every route', async (_, code, makeKey) => {
    const key = await makeKey()
    for (const [name] of guarded) {
      const answer = await call(...fill(name, neighborsIds), undefined, { key })
      expect(answer.statusCode, name).toBe(401)
      expect(answer.json().code, name).toBe(code)
    }
  })
})

test('403 with every scope but the one that is needed, on every route', async () => {
  for (const [name, { scope }] of guarded) {
    if (scope === 'any') continue
    const scopes = Scope.options.filter((each) => each !== scope)
    const key = (await createKey({ projectId, scopes })).secret
    const answer = await call(...fill(name, neighborsIds), undefined, { key })
    expect(answer.statusCode, name).toBe(403)
    expect(answer.json(), name).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining(scope),
    })
  }
})

test('with a key that may only read: what reads is served, and all else is 403', async () => {
  const scopes = Scope.options.filter((scope) => scope.endsWith(':read'))
  const mayCall = (scope: string) => scope === 'any' || scopes.some((each) => each === scope)
  const key = (await createKey({ projectId, scopes })).secret
  for (const [name, { scope, body }] of guarded) {
    const answer = await call(...fill(name, nobodysIds), body, { key })
    if (mayCall(scope)) {
      expect([401, 403], name).not.toContain(answer.statusCode)
    } else {
      expect(answer.statusCode, name).toBe(403)
      expect(answer.json().detail, name).toContain(scope)
    }
  }
})

test('a HEAD is kept from strangers and neighbors as its GET is', async () => {
  const gets = guarded.filter(([name]) => name.startsWith('GET '))
  for (const [name, { scope }] of gets) {
    const head = name.replace('GET', 'HEAD')
    const [withGet, withHead] = [fill(name, neighborsIds), fill(head, neighborsIds)]
    expect((await call(...withHead, undefined, { key: null })).statusCode, head).toBe(401)
    if (scope === 'admin') continue
    const { statusCode } = await call(...withGet)
    expect((await call(...withHead)).statusCode, head).toBe(statusCode)
    if (name.includes('/:')) expect(statusCode, name).toBe(404)
  }
})

test("a neighbor's events are not streamed either", async () => {
  const headers = { accept: 'text/event-stream' }
  const answer = await call(...fill('GET /v1/jobs/:jobId/events', neighborsIds), undefined, {
    headers,
  })
  expect(answer.statusCode).toBe(404)
})

test('403 with a key of no project, on every route that is about a project', async () => {
  const key = (await createKey({ projectId: null, scopes: Scope.options })).secret
  for (const [name, { scope }] of guarded) {
    if (scope === 'admin') continue
    const answer = await call(...fill(name, neighborsIds), undefined, { key })
    expect(answer.statusCode, name).toBe(403)
    expect(answer.json().detail, name).toContain('no project')
  }
})

const withIds = guarded.filter(([name, { scope }]) => name.includes('/:') && scope !== 'admin')

test.each(withIds)(
  "%s: another project's id is answered as one that nobody has",
  async (...row) => {
    const [name, { body }]: [string, RouteRow] = row
    const ids = await makeNeighborsIds()
    const neighbors = await call(...fill(name, ids), body)
    const nobodys = await call(...fill(name, nobodysIds), body)

    expect(neighbors.statusCode).toBe(404)
    expect(shapeOf(neighbors.body)).toEqual(shapeOf(nobodys.body))
    const theirs = await call(...fill(name, ids), body, { key: keys.neighbor })
    expect(theirs.statusCode, 'the neighbor itself finds it').not.toBe(404)
  },
)

/** A problem without what differs by nature: ids of things and of the request. */
function shapeOf(body: string): unknown {
  return JSON.parse(body.replaceAll(/(ds|job|ckpt|req)_[0-9a-f]{32}/g, '$1'))
}
