/** @file What a client is told once the retention policy has removed what a finished job left behind. */
import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { collectAll, endedDaysAgo } from '../store/retention/support/finished-jobs.ts'
import { aCheckpoint } from '../store/support/seed.ts'
import { testApi } from './support/api.ts'
import { openEventStream } from './support/event-stream.ts'
import { aJobOn, aJobThatIs, storeTable } from './support/jobs.ts'

const api = await testApi()
const { app, call, keys, store } = api
const dataset = await storeTable(api, api.projectId)
const origin = await api.listen()
const policy = { checkpointDays: 30, historyDays: 30 }

async function aJobThatEnded(daysAgo: number) {
  const { id, claim } = await aJobThatIs(api, 'running', dataset)
  if (!claim) throw new Error('Expected a claim.')
  await store.writeProgress(claim, {
    progress: { step: 1, steps: 2, epoch: 0, epochs: 1, eta_seconds: null },
    points: [{ name: 'loss', step: 1, value: 0.5 }],
  })
  const checkpoint = await aCheckpoint(store, claim, 1)
  const reason = { code: 'loss_not_finite', message: 'at step 2' } as const
  await store.finishRun(claim, { jobStatus: 'failed', runStatus: 'failed', reason })
  await endedDaysAgo(store, id, daysAgo)
  return { id, checkpoint }
}

const kept = await aJobThatEnded(29)
const gone = await aJobThatEnded(31)
await collectAll(store, policy)

const readOf = async (id: string, what: string) =>
  (await call('GET', `/v1/jobs/${id}${what}`)).json()

test('losses: none, and since when; those that are kept say that none were removed', async () => {
  const losses = await readOf(gone.id, '/losses')
  expect(losses).toMatchObject({ series: [], collected_at: expect.any(String) })
  expect(Date.now() - Date.parse(losses.collected_at)).toBeLessThan(60_000)

  expect(await readOf(kept.id, '/losses')).toMatchObject({
    series: [{ name: 'loss', total_points: 1 }],
    collected_at: null,
  })
})

test('losses that go between the look at the job and theirs are not taken for nothing', async () => {
  const job = await aJobThatEnded(31)
  const found = await store.jobs.find(api.projectId, job.id)
  expect(found?.historyCollectedAt).toBeNull()
  const { find } = store.jobs
  let looks = 0
  store.jobs.find = async (...name) => {
    const row = await find(...name)
    if (looks++ === 0) await collectAll(store, policy)
    return row
  }
  const losses = await readOf(job.id, '/losses')
  store.jobs.find = find
  expect(losses).toMatchObject({ series: [], collected_at: expect.any(String) })
})

test('events: the last one alone, as JSON and as a stream that ends', async () => {
  const page = await readOf(gone.id, '/events')
  expect(page).toMatchObject({ has_more: false, collected_at: expect.any(String) })
  expect(page.data).toMatchObject([
    { type: 'end', data: { status: 'failed', collected_at: expect.any(String) } },
  ])
  expect((await readOf(kept.id, '/events')).collected_at).toBeNull()

  for (const last of ['0', '2']) {
    const headers = { authorization: `Bearer ${keys.project}`, 'last-event-id': last }
    const stream = await openEventStream(`${origin}/v1/jobs/${gone.id}/events`, headers)
    await stream.ended
    expect(stream.messages.map(({ event }) => event)).toEqual(['end'])
  }
})

test('checkpoints: none, and since when; the weights of one are a 410, those of an unknown one a 404', async () => {
  expect(await readOf(gone.id, '/checkpoints')).toMatchObject({
    data: [],
    collected_at: expect.any(String),
  })
  expect((await readOf(kept.id, '/checkpoints')).collected_at).toBeNull()

  const weights = `/checkpoints/${gone.checkpoint}/weights`
  for (const format of ['safetensors', 'json']) {
    const answer = await call('GET', `/v1/jobs/${gone.id}${weights}?format=${format}`)
    expect(answer.json()).toMatchObject({ status: 410, code: 'checkpoint_collected' })
  }
  expect((await call('HEAD', `/v1/jobs/${gone.id}${weights}`)).statusCode).toBe(410)
  const unknown = await call(
    'GET',
    `/v1/jobs/${kept.id}/checkpoints/${newId('checkpoint')}/weights`,
  )
  expect(unknown.json()).toMatchObject({ status: 404, code: 'checkpoint_not_found' })
})

test('init_from: a job that would start from it is refused with the reason and the field', async () => {
  const spec = aJobOn(dataset)
  const from = { init_from: { job: gone.id, checkpoint: gone.checkpoint } }
  const answer = await call('POST', '/v1/jobs', { ...spec, ...from })
  expect(answer.json()).toMatchObject({
    status: 410,
    code: 'checkpoint_collected',
    errors: [{ pointer: '/init_from/checkpoint' }],
  })
  const { rows } = await store.db.query(`SELECT 1 FROM jobs WHERE status = 'queued'`)
  expect(rows).toEqual([])
})

test('the job keeps what it is: status, reason, last values; and says what was removed', async () => {
  expect(await readOf(gone.id, '')).toMatchObject({
    status: 'failed',
    status_reason: { code: 'loss_not_finite' },
    metrics: { loss: 0.5 },
    checkpoints_collected_at: expect.any(String),
    history_collected_at: expect.any(String),
  })
  expect(await readOf(kept.id, '')).toMatchObject({
    checkpoints_collected_at: null,
    history_collected_at: null,
  })
})

test('/metrics counts what was removed', async () => {
  const text = (await app.inject('/metrics')).body
  expect(text).toMatch(/^trainyard_collected_rows_total\{kind="checkpoints"\} [12]$/m)
  expect(text).toMatch(/^trainyard_collected_bytes_total\{kind="checkpoints"\} (5|10)$/m)
  expect(text).toMatch(/^trainyard_collected_rows_total\{kind="idempotency_keys"\} 0$/m)
})
