import { afterAll, expect, test } from 'vitest'
import { createStore } from '../../src/store/store.ts'
import { testDatabase } from '../support/services.ts'
import { noMessages, testApi } from './support/api.ts'

const noKey = { key: null }
let queuePing = async () => {}
const healthy = await testApi({
  queue: { backend: 'redis', ping: () => queuePing(), messages: noMessages },
})

const unmigrated = await testDatabase({ isEmpty: true })
const away = await testApi({ store: storeOn('postgresql://nobody@127.0.0.1:1/none') })
const emptyStore = storeOn(unmigrated.url)
const empty = await testApi({ store: emptyStore })
const draining = await testApi()
afterAll(async () => {
  await emptyStore.close()
  await unmigrated.dispose()
})

function storeOn(connectionString: string) {
  return createStore({
    connectionString,
    applicationName: 't',
    maxConnections: 1,
    maxUploads: 1,
    onError() {},
  })
}

test('/livez needs no key and no database', async () => {
  const answer = await healthy.call('GET', '/livez', undefined, noKey)
  expect(answer.json()).toEqual({ status: 'alive', version: '0.0.0-test' })
})

test('/readyz 200: everything is there', async () => {
  const answer = await healthy.call('GET', '/readyz', undefined, noKey)
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({
    status: 'ready',
    checks: { database: 'up', schema_ready: true, queue: 'up', queue_backend: 'redis' },
  })
})

test('/readyz 200 and degraded: the queue is away, or does not answer', async () => {
  for (const ping of [() => Promise.reject(new Error('away')), () => new Promise<void>(() => {})]) {
    queuePing = ping
    const answer = await healthy.call('GET', '/readyz', undefined, noKey)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ status: 'degraded', checks: { queue: 'down' } })
  }
  queuePing = async () => {}
})

test('/readyz 503: the database is away', async () => {
  const answer = await away.call('GET', '/readyz', undefined, noKey)
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({
    status: 'unavailable',
    checks: { database: 'down', schema_ready: false },
  })
})

test('/readyz 503: the database is there, and has no schema yet', async () => {
  const answer = await empty.call('GET', '/readyz', undefined, noKey)
  expect(answer.statusCode).toBe(503)
  expect(answer.json().checks).toMatchObject({ database: 'up', schema_ready: false })
})

test('/readyz 503 while draining, and requests are still served', async () => {
  draining.app.drain()

  const answer = await draining.call('GET', '/readyz', undefined, noKey)
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ status: 'unavailable', checks: { draining: true } })
  const served = await draining.call('GET', '/v1/limits')
  expect(served.statusCode).toBe(200)
  expect(served.headers.connection).toBe('close')
})
