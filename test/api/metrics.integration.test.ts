import { expect, test, vi } from 'vitest'

import { rememberByCost } from '../../src/api/metrics.ts'
import { newId } from '../../src/contract/ids.ts'
import { testApi } from './support/api.ts'
import { insertDataset, insertJob } from './support/rows.ts'

const { call, app } = await testApi()
const busy = await testApi()
const scrape = async () => (await app.inject('/metrics')).body

test('GET 200 without a key', async () => {
  const answer = await call('GET', '/metrics', undefined, { key: null })

  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(answer.body).toContain('trainyard_event_streams 0')
})

test('requests are counted by route, never by id', async () => {
  await call('GET', `/v1/projects/${newId('project')}`)
  await call('GET', '/nowhere')

  const text = await scrape()
  expect(text).toContain(
    'trainyard_http_request_seconds_count{method="GET",route="/v1/projects/:projectId",status="403"} 1',
  )
  expect(text).toContain(
    'trainyard_http_request_seconds_count{method="GET",route="none",status="404"} 1',
  )
  expect(text).not.toMatch(/prj_/)
})

test('jobs by status, and how long the oldest has waited', async () => {
  const { app, projectId, store } = busy
  const job = await insertJob(store, projectId, await insertDataset(store, projectId))
  const waited = `UPDATE jobs SET created_at = now() - interval '100 seconds' WHERE id = $1`
  await store.db.query(waited, [job])

  const text = (await app.inject('/metrics')).body
  expect(text).toContain('trainyard_jobs{status="queued"} 1')
  expect(text).toContain('trainyard_jobs{status="running"} 0')
  expect(Number(/^trainyard_queue_oldest_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThan(99)
})

test('without the database its numbers are missing, and the others are there', async () => {
  const { app, store } = busy
  expect((await app.inject('/metrics')).body).toContain('trainyard_jobs{')
  vi.spyOn(store.db, 'query').mockImplementation(() => Promise.reject(new Error('away')))

  // Counts are remembered for a second, and longer where they took long.
  const answer = await vi.waitFor(
    async () => {
      const { body, statusCode } = await app.inject('/metrics')
      expect(body).not.toContain('trainyard_jobs{')
      return { body, statusCode }
    },
    { timeout: 30_000, interval: 200 },
  )
  vi.restoreAllMocks()
  expect(answer.statusCode).toBe(200)
  expect(answer.body).toContain('trainyard_queue_oldest_seconds Nan')
  expect(answer.body).toContain('trainyard_event_streams 0')
})

test('a job that came back to the queue has waited since then', async () => {
  const { app, projectId, store } = await testApi()
  const job = await insertJob(store, projectId, await insertDataset(store, projectId))
  const cameBack = new Date(Date.now() - 50_000).toISOString()
  await store.db.query(
    `UPDATE jobs SET created_at = now() - interval '1 hour', transitions = $2 WHERE id = $1`,
    [job, JSON.stringify([{ status: 'queued', at: cameBack }])],
  )

  const text = (await app.inject('/metrics')).body
  const seconds = Number(/^trainyard_queue_oldest_seconds (\S+)/m.exec(text)?.[1])
  expect(seconds).toBeGreaterThan(49)
  expect(seconds).toBeLessThan(100)
})

test('open event streams are counted while they are open', async () => {
  const { call, keys, listen, projectId, store } = await testApi()
  const job = await insertJob(store, projectId, await insertDataset(store, projectId))
  const origin = await listen()
  const openStreams = async () =>
    Number(/^trainyard_event_streams (\d+)/m.exec((await call('GET', '/metrics')).body)?.[1])
  const abort = new AbortController()
  const headers = { authorization: `Bearer ${keys.project}`, accept: 'text/event-stream' }
  await fetch(`${origin}/v1/jobs/${job}/events`, { headers, signal: abort.signal })

  expect(await openStreams()).toBe(1)
  abort.abort()
  await vi.waitFor(async () => expect(await openStreams()).toBe(0))
})

test('an answer that was expensive to get is kept for longer', async () => {
  vi.useFakeTimers()
  let asked = 0
  const ask = rememberByCost(async () => {
    asked += 1
    await new Promise((resolve) => setTimeout(resolve, 50))
    return asked
  })
  const both = Promise.all([ask(), ask()])
  await vi.advanceTimersByTimeAsync(50)
  expect(await both).toEqual([1, 1])
  await vi.advanceTimersByTimeAsync(4_900)
  expect(await ask()).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  const next = ask()
  await vi.advanceTimersByTimeAsync(50)
  expect(await next).toBe(2)
  vi.useRealTimers()
})

test('a failure is kept for a second, however long it took', async () => {
  vi.useFakeTimers()
  let asked = 0
  const ask = rememberByCost(async () => {
    asked += 1
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    if (asked === 1) throw new Error('away')
    return asked
  })
  const first = ask()
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await first).toBeNull()
  await vi.advanceTimersByTimeAsync(1_100)
  const next = ask()
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await next).toBe(2)
  vi.useRealTimers()
})
