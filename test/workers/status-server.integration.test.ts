/** @file A worker's probes and numbers, over HTTP. */
import { Registry } from 'prom-client'
import { afterAll, expect, test } from 'vitest'

import { Live, Readiness } from '../../src/contract/health.ts'
import { startStatusServer } from '../../src/workers/status-server.ts'
import { aYard } from './support/yard.ts'

const yard = await aYard({ name: 'postgres' })
const registry = new Registry()
const worker = yard.work({ registry })
const server = await startStatusServer({
  host: '127.0.0.1',
  port: 0,
  registry,
  store: yard.store,
  queue: yard.queue,
  pool: { free: () => ({ threads: 1, bytes: 1 }), waiting: () => 0 },
  kernels: { table: 'wasm', native_missing: null },
  version: '0.0.0-test',
  isDraining: worker.isDraining,
})
afterAll(async () => {
  await server.close()
  await yard.dispose()
})
const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init)

test('/livez, /readyz and /metrics', async () => {
  expect(Live.parse(await (await get('/livez')).json()).status).toBe('alive')
  const ready = await get('/readyz')
  expect(ready.status).toBe(200)
  expect(Readiness.parse(await ready.json())).toMatchObject({
    status: 'ready',
    checks: { draining: false, database: 'up', queue: 'up' },
  })
  const metrics = await get('/metrics')
  expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(await metrics.text()).toContain('trainyard_lease_renewals_total')
})

test('nothing else: 404, 405', async () => {
  expect((await get('/v1/jobs')).status).toBe(404)
  const post = await get('/metrics', { method: 'POST', body: 'x' })
  expect(post.status).toBe(405)
  expect(post.headers.get('allow')).toBe('GET, HEAD')
  expect((await get('/livez', { method: 'HEAD' })).status).toBe(200)
})

test('a worker that stops is not ready, from the moment that it is told to', async () => {
  const stopping = worker.stop(5_000)
  const answer = await get('/readyz')
  await stopping

  expect(answer.status).toBe(503)
  expect(Readiness.parse(await answer.json())).toMatchObject({
    status: 'unavailable',
    checks: { draining: true },
  })
})
