import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { aCheckpoint, aWorker } from '../store/support/seed.ts'
import { testApi, testLimits } from './support/api.ts'
import { aJobOn, storeTable } from './support/jobs.ts'
import { insertDataset } from './support/rows.ts'

const { call, createKey, keys, projectId, neighborId, store } = await testApi()
const setLimits = (limits: object) =>
  call('PATCH', `/v1/projects/${projectId}`, { limits }, { key: keys.admin })
const usage = async () => (await call('GET', '/v1/limits')).json().usage

test('GET 200: the limits, and what this project uses of them and no other', async () => {
  await insertDataset(store, projectId, { bytes: 70 })

  expect((await call('GET', '/v1/limits')).json()).toEqual({
    object: 'limits',
    limits: testLimits,
    usage: {
      datasets_bytes_total: 70,
      results_bytes_total: 0,
      jobs_unfinished: 0,
      jobs_kept: 0,
      jobs_running: 0,
      threads: 0,
      event_streams: 0,
    },
  })
  const neighbors = await call('GET', '/v1/limits', undefined, { key: keys.neighbor })
  expect(neighbors.json().usage.datasets_bytes_total).toBe(0)
})

test('GET 200: any scope of a project will do', async () => {
  const { secret } = await createKey({ projectId, scopes: ['predict'] })
  expect((await call('GET', '/v1/limits', undefined, { key: secret })).statusCode).toBe(200)
})

test('GET 400: a parameter that is not known', async () => {
  const answer = await call('GET', '/v1/limits?project=x')
  expect(answer.statusCode).toBe(400)
  expect(answer.json().errors[0].pointer).toBe('/query/project')
})

test('PATCH of a project: its own limits show and hold at once, null gives one back', async () => {
  const dataset = await storeTable({ store }, projectId)
  const changed = await setLimits({ job_parameters: 3, jobs_unfinished: 7 })
  expect(changed.statusCode).toBe(200)
  expect(changed.json().limits).toEqual({ job_parameters: 3, jobs_unfinished: 7 })
  expect((await call('GET', '/v1/limits')).json().limits).toEqual({
    ...testLimits,
    job_parameters: 3,
    jobs_unfinished: 7,
  })
  for (const path of ['/v1/jobs', '/v1/plans']) {
    expect((await call('POST', path, aJobOn(dataset))).json()).toMatchObject({
      code: 'limit_exceeded',
      detail: expect.stringMatching(/needs \d+ parameters; the limit is 3\./),
    })
  }
  const neighbors = await storeTable({ store }, neighborId)
  const asNeighbor = { key: keys.neighbor }
  expect((await call('POST', '/v1/plans', aJobOn(neighbors), asNeighbor)).statusCode).toBe(200)

  const back = await setLimits({ job_parameters: null })
  expect(back.json().limits).toEqual({ jobs_unfinished: 7 })
  await setLimits({ jobs_unfinished: null })
  expect((await call('POST', '/v1/plans', aJobOn(dataset))).statusCode).toBe(200)
})

test('PATCH: name and weight change alone, and what is wrong changes nothing', async () => {
  const asAdmin = { key: keys.admin }
  const path = `/v1/projects/${projectId}`
  const before = (await call('GET', path, undefined, asAdmin)).json()
  expect(before).toMatchObject({ weight: 1, limits: {} })
  const refused = [
    [{ weight: 0 }, '/weight'],
    [{ weight: 1.5 }, '/weight'],
    [{ limits: { jobs_running: -1 } }, '/limits/jobs_running'],
    [{ limits: { jobs_runing: 1 } }, '/limits/jobs_runing'],
    [{ limits: { job_bytes: testLimits.job_bytes + 1 } }, '/limits/job_bytes'],
  ] as const
  for (const [body, pointer] of refused) {
    const answer = await call('PATCH', path, body, asAdmin)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().errors[0].pointer).toBe(pointer)
  }
  expect((await call('GET', path, undefined, asAdmin)).json()).toEqual(before)

  const changed = { ...before, name: 'renamed', weight: 5 }
  const answer = await call('PATCH', path, { name: 'renamed', weight: 5 }, asAdmin)
  expect(answer.json()).toEqual(changed)
  await call('PATCH', path, { weight: 1 }, asAdmin)
  const missing = await call('PATCH', `/v1/projects/${newId('project')}`, { weight: 2 }, asAdmin)
  expect(missing.json().code).toBe('project_not_found')
})

test('a queued job says which limit of its project keeps it waiting', async () => {
  const dataset = await storeTable({ store }, projectId)
  const post = async () => (await call('POST', '/v1/jobs', aJobOn(dataset))).json().id
  const reasonOf = async (id: string) => (await call('GET', `/v1/jobs/${id}`)).json().status_reason
  const [running, waiting] = [await post(), await post()]
  const claim = await store.claimNext(aWorker)
  expect(claim?.jobId).toBe(running)
  expect(await reasonOf(waiting)).toBeNull()
  expect(await usage()).toMatchObject({ jobs_running: 1, threads: 1, jobs_unfinished: 2 })

  await setLimits({ jobs_running: 1 })
  expect(await reasonOf(waiting)).toEqual({
    code: 'project_limit',
    message: 'The job waits: 1 jobs of the project run; the limit is 1 (jobs_running).',
  })
  expect(await store.claimNext(aWorker)).toBeNull()
  await setLimits({ jobs_running: null, threads: 1 })
  expect((await reasonOf(waiting)).message).toContain('the limit is 1 (threads)')
  expect(await store.claimNext(aWorker)).toBeNull()

  await setLimits({ threads: null })
  expect(await reasonOf(waiting)).toBeNull()
  for (const id of [running, waiting]) await call('POST', `/v1/jobs/${id}/cancel`)
  await store.finishRun(claim!, { jobStatus: 'cancelled', runStatus: 'cancelled', reason: null })
})

test('a queued job that no worker could hold says so, with both numbers, until one comes', async () => {
  const dataset = await storeTable({ store }, projectId)
  const { id, plan } = (await call('POST', '/v1/jobs', aJobOn(dataset))).json()
  const reason = async () => (await call('GET', `/v1/jobs/${id}`)).json().status_reason
  const needed = plan.bytes.total
  const report = (worker: string, memoryBytes: number) =>
    store.reportWorker({ id: worker, name: `${worker}:1`, memoryBytes, freeBytes: 0 })
  expect(await reason()).toBeNull()

  await report('small', needed - 1)
  expect(await reason()).toEqual({
    code: 'no_worker_fits',
    message: `The job waits: it needs ${needed} bytes of memory, and the largest worker there is may plan with ${needed - 1}. Start a worker with more (MEMORY_BYTES), or cancel the job and make it smaller.`,
  })
  await report('large', needed)
  expect(await reason()).toBeNull()

  // What keeps it waiting now is said before why it came back.
  await store.db.query(
    `UPDATE jobs SET status_reason = '{"code":"worker_lost","message":"It was lost."}' WHERE id = $1`,
    [id],
  )
  expect((await reason()).code).toBe('worker_lost')

  // One that has gone for good does not count, though nobody may be there to remove its row.
  await store.db.query(`UPDATE workers SET seen_at = now() - interval '2 min' WHERE id = 'large'`)
  expect((await reason()).code).toBe('no_worker_fits')
  await store.db.query('DELETE FROM workers')
  await call('POST', `/v1/jobs/${id}/cancel`)
})

test('weights and checkpoints count while they are kept, and those to come beside them', async () => {
  const dataset = await storeTable({ store }, projectId)
  const { weights_bytes: bytes } = (await call('POST', '/v1/plans', aJobOn(dataset))).json()
  const post = () => call('POST', '/v1/jobs', aJobOn(dataset))
  await setLimits({ results_bytes_total: 2 * bytes - 1 })
  const { id } = (await post()).json()
  expect((await usage()).results_bytes_total).toBe(bytes)

  const claim = await store.claimNext(aWorker)
  await aCheckpoint(store, claim!, 1, {
    weights: new Uint8Array(bytes),
    rest: new Uint8Array(10),
  })
  expect((await usage()).results_bytes_total).toBe(2 * bytes + 10)
  const refused = await post()
  expect(refused.statusCode).toBe(422)
  expect(refused.json()).toMatchObject({
    code: 'quota_exceeded',
    detail: expect.stringMatching(
      new RegExp(`hold ${2 * bytes - 1} bytes .*they hold ${2 * bytes + 10}, .* up to ${bytes}\\.`),
    ),
  })

  await store.finishRun(claim!, { jobStatus: 'failed', runStatus: 'failed', reason: null })
  expect((await usage()).results_bytes_total).toBe(bytes + 10)
  expect((await call('DELETE', `/v1/jobs/${id}`)).statusCode).toBe(204)
  expect((await usage()).results_bytes_total).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 300)) // refusals are remembered for a moment
  const admitted = await post()
  expect(admitted.statusCode).toBe(202)
  await call('POST', `/v1/jobs/${admitted.json().id}/cancel`)
  await setLimits({ results_bytes_total: null })
})

test('429 with Retry-After at the limit of unfinished jobs, until one has ended', async () => {
  const dataset = await storeTable({ store }, projectId)
  const post = () => call('POST', '/v1/jobs', aJobOn(dataset))
  await setLimits({ jobs_unfinished: 1 })
  const { id } = (await post()).json()
  for (let i = 0; i < 3; i++) {
    const refused = await post()
    expect(refused.statusCode).toBe(429)
    expect(refused.headers['retry-after']).toBe('5')
    expect(refused.json()).toMatchObject({
      code: 'too_many_jobs',
      detail: 'This project has 1 unfinished jobs; the limit is 1.',
    })
  }

  await call('POST', `/v1/jobs/${id}/cancel`)
  await new Promise((resolve) => setTimeout(resolve, 150)) // refusals are remembered for a moment
  const admitted = await post()
  expect(admitted.statusCode).toBe(202)
  await call('POST', `/v1/jobs/${admitted.json().id}/cancel`)
  await setLimits({ jobs_unfinished: null })
})

test('a project may keep so many jobs, ended ones too; each that is deleted makes room', async () => {
  const dataset = await storeTable({ store }, projectId)
  const post = () => call('POST', '/v1/jobs', aJobOn(dataset))
  const { id } = (await post()).json()
  await call('POST', `/v1/jobs/${id}/cancel`)
  const { jobs_kept: kept } = await usage()
  await setLimits({ jobs_kept: kept })

  expect((await post()).json()).toMatchObject({
    status: 422,
    code: 'quota_exceeded',
    detail: expect.stringContaining(`keep ${kept} jobs (jobs_kept)`),
  })
  expect((await call('DELETE', `/v1/jobs/${id}`)).statusCode).toBe(204)
  expect((await usage()).jobs_kept).toBe(kept - 1)
  await new Promise((resolve) => setTimeout(resolve, 300)) // refusals are remembered for a moment
  const admitted = await post()
  expect(admitted.statusCode).toBe(202)

  await call('POST', `/v1/jobs/${admitted.json().id}/cancel`)
  await setLimits({ jobs_kept: null })
})
