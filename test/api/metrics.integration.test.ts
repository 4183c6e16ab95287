import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { testApi } from './support/api.ts'

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
  const dataset = newId('dataset')
  const blob = newId('blob')
  await store.db.query(`INSERT INTO blobs VALUES ($1, $2, 0, '')`, [blob, projectId])
  await store.db.query(
    `INSERT INTO datasets (id, project_id, format, blob_id, bytes, sha256, profile, preview)
    VALUES ($1, $2, 'csv', $3, 0, '', '{}', '[]')`,
    [dataset, projectId, blob],
  )
  await store.db.query(
    `INSERT INTO jobs (id, project_id, dataset_id, spec, spec_sha256, plan, plan_bytes,
      numerics_version, progress, created_at)
    VALUES ($1, $2, $3, '{}', '', '{}', 0, 1, '{}', now() - interval '100 seconds')`,
    [newId('job'), projectId, dataset],
  )

  const text = (await app.inject('/metrics')).body
  expect(text).toContain('trainyard_jobs{status="queued"} 1')
  expect(text).toContain('trainyard_jobs{status="running"} 0')
  expect(Number(/^trainyard_queue_oldest_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThan(99)
})
