import { connect } from 'node:net'

import { beforeAll, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { testApi, testLimits } from './support/api.ts'
import { openEventStream } from './support/event-stream.ts'
import { aJobThatIs, storeTable } from './support/jobs.ts'

const api = await testApi()
const dataset = await storeTable(api, api.projectId)
let origin: string

beforeAll(async () => {
  origin = await api.listen()
})

const progress = (step: number) => ({
  progress: { step, steps: 10, epoch: step, epochs: 10, eta_seconds: null },
  points: [{ name: 'loss', step, value: step === 3 ? Number.NaN : 1 / step }],
})

const succeeded = { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null } as const

/** queued, running, three losses, succeeded, end: seven events. */
async function aFinishedJob() {
  const { id, claim } = await aJobThatIs(api, 'running', dataset)
  for (const step of [1, 2, 3]) await api.store.writeProgress(claim!, progress(step))
  await api.store.finishRun(claim!, succeeded)
  return id
}

const stream = (id: string, headers: Record<string, string> = {}) =>
  openEventStream(`${origin}/v1/jobs/${id}/events`, {
    authorization: `Bearer ${api.keys.project}`,
    ...headers,
  })

describe('events as a page of JSON', () => {
  test('200: all in order, losses with their points, NaN as null with its kind', async () => {
    const id = await aFinishedJob()
    const { data, has_more, last_seq } = (await api.call('GET', `/v1/jobs/${id}/events`)).json()

    expect(data.map(({ type }: { type: string }) => type)).toEqual([
      'status',
      'status',
      'loss',
      'loss',
      'loss',
      'status',
      'end',
    ])
    expect(data[4].data.points).toEqual([{ name: 'loss', step: 3, value: null, kind: 'nan' }])
    expect([has_more, last_seq]).toEqual([false, 7])
  })

  test('200: goes on after a number', async () => {
    const id = await aFinishedJob()
    const page = (await api.call('GET', `/v1/jobs/${id}/events?after=2&limit=3`)).json()

    expect(page.data.map(({ seq }: { seq: number }) => seq)).toEqual([3, 4, 5])
    expect(page).toMatchObject({ has_more: true, last_seq: 5 })
  })

  test("404: another project's job, and one that never was", async () => {
    const id = await aFinishedJob()
    const key = api.keys.neighbor

    expect((await api.call('GET', `/v1/jobs/${id}/events`, undefined, { key })).statusCode).toBe(
      404,
    )
    expect((await api.call('GET', `/v1/jobs/${newId('job')}/events`)).statusCode).toBe(404)
  })
})

describe('events as a stream', () => {
  test('sends what was and what comes, and ends with the job', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    const events = await stream(id)
    expect(events.headers.get('content-type')).toContain('text/event-stream')
    expect(events.headers.get('cache-control')).toBe('no-store')
    expect(events.headers.get('x-accel-buffering')).toBe('no')
    await events.until(2)
    await api.store.writeProgress(claim!, progress(1))
    await events.until(3)
    await api.store.finishRun(claim!, succeeded)
    await events.ended

    expect(events.messages.map(({ id: seq, event }) => [seq, event])).toEqual([
      [1, 'status'],
      [2, 'status'],
      [3, 'loss'],
      [4, 'status'],
      [5, 'end'],
    ])
    expect(events.messages.at(-1)?.data).toMatchObject({ status: 'succeeded' })
  })

  test('brings a loss within 300 ms of its commit', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    const events = await stream(id)
    await events.until(2)
    await api.store.writeProgress(claim!, progress(1))
    const committedAtMs = performance.now()
    api.tell(id)
    await events.until(3)

    expect(performance.now() - committedAtMs).toBeLessThan(300)
    events.close()
  })

  test('brings losses at most four times a second, and every one of them', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    const events = await stream(id)
    await events.until(2)
    for (let step = 1; step <= 30; step++) {
      await api.store.writeProgress(claim!, progress(step))
      api.tell(id)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await api.store.finishRun(claim!, succeeded)
    api.tell(id)
    await events.ended

    const losses = events.messages.filter(({ event }) => event === 'loss')
    expect(losses.length).toBeLessThan(10)
    const points = losses.flatMap(({ data }) => data.points)
    const steps = points.map(({ step }: { step: number }) => step)
    expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  test('goes on after every Last-Event-ID with exactly the rest', async () => {
    const id = await aFinishedJob()
    for (let last = 0; last < 7; last++) {
      const events = await stream(id, last > 0 ? { 'last-event-id': String(last) } : {})
      await events.ended
      const points = events.messages.flatMap(({ data }) => data.points ?? [])
      const steps = points.map(({ step }: { step: number }) => step)

      expect(steps).toEqual([1, 2, 3].filter((step) => step + 2 > last))
      expect(events.messages.at(-1)).toMatchObject({ id: 7, event: 'end' })
    }
  })

  test('204: a client that has everything has nothing to come back for', async () => {
    const id = await aFinishedJob()
    const events = await stream(id, { 'last-event-id': '7' })

    expect(events.status).toBe(204)
  })

  test('400: a Last-Event-ID that was never one', async () => {
    const id = await aFinishedJob()
    const events = await stream(id, { 'last-event-id': 'abc' })

    expect(events.status).toBe(400)
  })

  test('follows a job across a crash of its worker, each status once', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const events = await stream(id)
    await api.store.db.query(
      `UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`,
      [id],
    )
    await api.store.reclaimExpiredAsLeader()
    const again = await api.store.claimNext({
      worker: 'w',
      leaseSeconds: 60,
      freeBytes: 1e12,
      maxSeconds: null,
    })
    await api.store.finishRun(again!, succeeded)
    await events.ended

    const statuses = events.messages.filter(({ event }) => event === 'status')
    expect(statuses.map(({ data }) => data.status)).toEqual([
      'queued',
      'running',
      'queued',
      'running',
      'succeeded',
    ])
  })

  test('ends when the job is deleted', async () => {
    const id = await aFinishedJob()
    await api.store.db.query(`UPDATE jobs SET event_seq = 8 WHERE id = $1`, [id])
    const events = await stream(id, { 'last-event-id': '7' })
    expect(events.status).toBe(200)
    await api.store.db.query(`DELETE FROM jobs WHERE id = $1`, [id])

    await events.ended
  })

  test('429: one more than the project may have, with the numbers; the neighbor has its own', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const used = async () => (await api.call('GET', '/v1/limits')).json().usage.event_streams
    await expect.poll(used).toBe(0)
    const open = await Promise.all(
      Array.from({ length: testLimits.event_streams }, () => stream(id)),
    )
    expect(await used()).toBe(testLimits.event_streams)

    const headers = { accept: 'text/event-stream' }
    const refused = await api.call('GET', `/v1/jobs/${id}/events`, undefined, { headers })
    expect(refused.statusCode).toBe(429)
    expect(refused.headers['retry-after']).toBe('30')
    expect(refused.json()).toMatchObject({
      code: 'too_many_streams',
      detail: expect.stringContaining('has 20 event streams open, and may have 20'),
    })
    const neighbors = { key: api.keys.neighbor }
    const other = await api.call('GET', '/v1/limits', undefined, neighbors)
    expect(other.json().usage.event_streams).toBe(0)

    for (const each of open) each.close()
    await expect.poll(used).toBe(0)
  })

  test('a client that goes while its job is looked up leaves nothing behind', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const head = `GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.project}\r\n`
    for (let i = 0; i < 30; i++) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
      socket.write(`${head}accept: text/event-stream\r\n\r\n`, () => socket.resetAndDestroy())
    }
    await new Promise((resolve) => setTimeout(resolve, 300))

    const { usage } = (await api.call('GET', '/v1/limits')).json()
    expect(usage.event_streams).toBe(0)
  })

  test('HEAD opens none', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const headers = { accept: 'text/event-stream' }
    const answer = await api.call('HEAD', `/v1/jobs/${id}/events`, undefined, { headers })

    expect([answer.statusCode, answer.body]).toEqual([200, ''])
  })

  test('is counted while it is open', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const events = await stream(id)
    await events.until(2)
    const counted = async () =>
      /trainyard_event_streams (\d+)/.exec((await api.call('GET', '/metrics')).body)?.[1]
    const open = Number(await counted())
    expect(open).toBeGreaterThan(0)
    events.close()

    await expect.poll(counted).toBe(String(open - 1))
  })
})

describe('losses', () => {
  test('200: whole where they are few', async () => {
    const id = await aFinishedJob()
    const { series } = (await api.call('GET', `/v1/jobs/${id}/losses`)).json()

    expect(series).toEqual([
      {
        name: 'loss',
        total_points: 3,
        points: [
          { step: 1, value: 1 },
          { step: 2, value: 0.5 },
          { step: 3, value: null, kind: 'nan' },
        ],
      },
    ])
  })

  test('200: thinned where they are many, with first, last and every extreme', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    const points = Array.from({ length: 10_000 }, (_, i) => ({
      name: 'loss',
      step: i + 1,
      value: i === 7_777 ? 99 : i === 3_333 ? -99 : Math.sin(i),
    }))
    await api.store.writeProgress(claim!, { ...progress(1), points })
    const { series } = (await api.call('GET', `/v1/jobs/${id}/losses?max_points=100`)).json()
    const [{ total_points, points: thinned }] = series
    const steps = thinned.map(({ step }: { step: number }) => step)

    expect(total_points).toBe(10_000)
    expect(thinned.length).toBeLessThanOrEqual(100)
    expect(thinned.length).toBeGreaterThan(80)
    expect(steps).toEqual(steps.toSorted((a: number, b: number) => a - b))
    expect([steps[0], steps.at(-1)]).toEqual([1, 10_000])
    expect(steps).toContain(7_778)
    expect(steps).toContain(3_334)
    const two = (await api.call('GET', `/v1/jobs/${id}/losses?max_points=2`)).json()
    expect(two.series[0].points.map(({ step }: { step: number }) => step)).toEqual([1, 10_000])
  })

  test('200: by name and by step', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    const points = ['loss', 'accuracy'].flatMap((name) =>
      [1, 2, 3, 4].map((step) => ({ name, step, value: step })),
    )
    await api.store.writeProgress(claim!, { ...progress(1), points })
    const query = 'names=accuracy&from_step=2&to_step=3'
    const { series } = (await api.call('GET', `/v1/jobs/${id}/losses?${query}`)).json()

    expect(series).toEqual([
      {
        name: 'accuracy',
        total_points: 2,
        points: [
          { step: 2, value: 2 },
          { step: 3, value: 3 },
        ],
      },
    ])
  })

  test("404: another project's job", async () => {
    const id = await aFinishedJob()
    const key = api.keys.neighbor

    expect((await api.call('GET', `/v1/jobs/${id}/losses`, undefined, { key })).statusCode).toBe(
      404,
    )
  })
})
