import { expect, test, vi } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { testApi } from './support/api.ts'
import { insertDataset, insertJob } from './support/rows.ts'

const { call, app } = await testApi()
const busy = await testApi()
const scrape = async () => (await app.inject('/metrics')).body

test('GET 200 without a key: the process, the pool, the streams', async () => {
  const answer = await call('GET', '/metrics', undefined, { key: null })

  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(answer.body).toContain('process_resident_memory_bytes')
  expect(answer.body).toContain('nodejs_eventloop_lag_p99_seconds')
  expect(answer.body).toContain('trainyard_pool_free_threads 2')
  expect(answer.body).toContain('trainyard_pool_waiting_tasks 0')
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
  await new Promise((resolve) => setTimeout(resolve, 1_000)) // counts are remembered for a second
  vi.spyOn(store.db, 'query').mockImplementation(() => Promise.reject(new Error('away')))

  const answer = await app.inject('/metrics')
  vi.restoreAllMocks()
  expect(answer.statusCode).toBe(200)
  expect(answer.body).not.toContain('trainyard_jobs{')
  expect(answer.body).toContain('trainyard_queue_oldest_seconds Nan')
  expect(answer.body).toContain('trainyard_pool_free_threads 2')
})
