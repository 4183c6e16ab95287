import { MessageChannel } from 'node:worker_threads'

import { afterAll, afterEach, expect, test } from 'vitest'

import { createThreadPool } from '../../src/threads/pool.ts'
import { type CallOptions, type Method, testApi } from './support/api.ts'
import { trainedJob, xorJob } from './support/trained-job.ts'

const pool = createThreadPool({ threads: 1, memoryBytes: 1e9 })
afterAll(() => pool.stop())
const api = await testApi({ pool })
const { keys } = api
const origin = await api.listen()

const asNeighbor = (method: Method, url: string, body?: unknown, options: CallOptions = {}) =>
  api.call(method, url, body, { key: keys.neighbor, ...options })
const mine = await trainedJob(api, pool, xorJob)
const theirs = await trainedJob({ call: asNeighbor, store: api.store }, pool, xorJob)

const row = { a: 0, b: 1 }
const predict = (rows: unknown[] = [row]) => api.call('POST', `/v1/jobs/${mine}/predict`, { rows })

/** Takes the only thread, with a file that does not end. */
function holdThread(): () => Promise<unknown> {
  const { port1: port, port2: source } = new MessageChannel()
  const held = pool.parse({ format: 'csv', maxColumns: 10, source }, { isWhole: true })
  return () => {
    port.close()
    return held
  }
}
let letGo: () => Promise<unknown> = async () => {}
afterEach(() => letGo())

test('many predictions of one project do not keep another waiting', async () => {
  letGo = holdThread()
  const order: string[] = []
  const flood = Array.from({ length: 20 }, () => predict().then(() => order.push('flood')))
  await expect.poll(pool.waiting).toBe(20)
  const other = asNeighbor('POST', `/v1/jobs/${theirs}/predict`, { rows: [row] }).then(
    ({ statusCode }) => order.push(`neighbor ${statusCode}`),
  )
  await expect.poll(pool.waiting).toBe(21)

  await letGo()
  await Promise.all([...flood, other])

  expect(order.indexOf('neighbor 200')).toBeGreaterThan(-1)
  expect(order.indexOf('neighbor 200')).toBeLessThan(4)
})

test('a client that has left is waited for by nobody', async () => {
  letGo = holdThread()
  const leave = new AbortController()
  const request = fetch(`${origin}/v1/jobs/${mine}/predict`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.project}`, 'content-type': 'application/json' },
    body: JSON.stringify({ rows: [row] }),
    signal: leave.signal,
  }).catch(() => 'left')
  await expect.poll(pool.waiting).toBe(1)

  leave.abort()

  expect(await request).toBe('left')
  await expect.poll(pool.waiting).toBe(0)
})

test('429: more rows than may wait, which keeps no other project from its answers', async () => {
  letGo = holdThread()
  /** 3.9 MB, in a column that no network reads. */
  const large = Array.from({ length: 60 }, () => ({ ...row, note: 'x'.repeat(65_000) }))
  const waiting = Array.from({ length: 8 }, () => predict(large))
  await expect.poll(pool.waiting, { timeout: 20_000 }).toBe(8)

  const refused = await predict(large)
  expect(refused.statusCode).toBe(429)
  expect(refused.json().code).toBe('too_many_rows_waiting')
  expect(refused.headers['retry-after']).toBe('2')

  const other = asNeighbor('POST', `/v1/jobs/${theirs}/predict`, { rows: [row] })
  await expect.poll(pool.waiting).toBe(9)
  await letGo()
  expect((await other).statusCode).toBe(200)
  for (const answer of await Promise.all(waiting)) expect(answer.statusCode).toBe(200)
  expect((await predict(large)).statusCode).toBe(200)
}, 60_000)
