import { connect } from 'node:net'

import { afterAll, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import type { JobStatus } from '../../src/contract/jobs.ts'
import { createThreadPool } from '../../src/threads/pool.ts'
import { aCheckpoint, aWorker, checkpointFiles } from '../store/support/seed.ts'
import { testApi } from './support/api.ts'
import { aJobOn, aJobThatIs, storeTable, xorRows } from './support/jobs.ts'

const pool = createThreadPool({ threads: 2, memoryBytes: 1e9 })
afterAll(() => pool.stop({ force: true }))
const api = await testApi({ pool })
const dataset = await storeTable(api, api.projectId)

describe('POST /v1/jobs', () => {
  test('202: stores the job with its defaults, and wakes the relay', async () => {
    const wakes = api.wakes()
    const answer = await api.call('POST', '/v1/jobs', { ...aJobOn(dataset), name: 'first' })

    expect(answer.statusCode).toBe(202)
    const job = answer.json()
    expect(answer.headers.location).toBe(`/v1/jobs/${job.id}`)
    expect(job).toMatchObject({ name: 'first', status: 'queued', attempt: 0, dataset })
    expect(job.spec.training).toMatchObject({ batch_size: 32, seed: 0, shuffle: true })
    expect(job.queue_position).toBeGreaterThanOrEqual(1)
    expect(api.wakes()).toBe(wakes + 1)
    const read = await api.call('GET', `/v1/jobs/${job.id}`)
    expect(read.json()).toEqual(job)
  })

  test('202: rows that come inside become a dataset of the project', async () => {
    const answer = await api.call('POST', '/v1/jobs', aJobOn({ rows: xorRows }))

    expect(answer.statusCode).toBe(202)
    const row = await api.store.datasets.find(api.projectId, answer.json().dataset)
    expect(row?.profile).toMatchObject({ kind: 'table', rows: 4 })
  })

  test('202: the same Idempotency-Key makes one job, and replays its answer', async () => {
    const headers = { 'idempotency-key': 'one-job' }
    const first = await api.call('POST', '/v1/jobs', aJobOn(dataset), { headers })
    const second = await api.call('POST', '/v1/jobs', aJobOn(dataset), { headers })

    expect(second.json()).toEqual(first.json())
    expect(second.headers['idempotency-replayed']).toBe('true')
    const other = await api.call('POST', '/v1/jobs', aJobOn({ rows: xorRows }), { headers })
    expect(other.statusCode).toBe(422)
    expect(other.json().code).toBe('idempotency_mismatch')
  })

  test('the hash of the spec tells whether two jobs train the same', async () => {
    const one = (await api.call('POST', '/v1/jobs', aJobOn(dataset))).json()
    const same = (await api.call('POST', '/v1/jobs', { ...aJobOn(dataset), name: 'x' })).json()
    const other = (
      await api.call('POST', '/v1/jobs', { ...aJobOn(dataset), training: { epochs: 3 } })
    ).json()

    expect(same.spec_sha256).toBe(one.spec_sha256)
    expect(other.spec_sha256).not.toBe(one.spec_sha256)
  })

  test('a job of so many steps has as many epochs as they begin', async () => {
    const training = { steps: 7, batch_size: 2 }
    const job = (await api.call('POST', '/v1/jobs', { ...aJobOn(dataset), training })).json()

    expect(job.spec.training).toMatchObject({ steps: 7 })
    expect(job.spec.training).not.toHaveProperty('epochs')
    expect(job.progress).toMatchObject({ steps: 7, epochs: 4 })
  })

  test.each([
    ['an unknown property', { lerning_rate: 1 }, 400, 'invalid_request', '/lerning_rate'],
    [
      'a wrong type',
      { model: { type: 'mlp', hidden: ['8'] } },
      400,
      'invalid_request',
      '/model/hidden/0',
    ],
    ['a number as text', { priority: '1' }, 400, 'invalid_request', '/priority'],
    [
      'a target that does not exist',
      { target: { column: 'z' } },
      422,
      'invalid_spec',
      '/target/column',
    ],
    [
      'a layer list that does not fit the target',
      { model: { type: 'layers', layers: [{ type: 'dense', units: 3 }] } },
      422,
      'invalid_spec',
      '/model/layers/0',
    ],
    [
      'more parameters than the limit',
      { model: { type: 'mlp', hidden: [60_000, 60_000] } },
      422,
      'limit_exceeded',
      '/model',
    ],
    [
      'more loss points than the limit',
      { training: { epochs: 1_000_000, report_every: 1 } },
      422,
      'limit_exceeded',
      '/training',
    ],
    [
      'more steps than can be counted',
      {
        training: { epochs: 10_000_000, batch_size: 1 },
        dataset: { rows: Array.from({ length: 300 }, (_, i) => ({ a: i, b: i, y: i })) },
      },
      422,
      'invalid_spec',
      '/training/epochs',
    ],
  ])(
    '%s is refused with a pointer, and leaves nothing',
    async (_what, change, status, code, pointer) => {
      const before = await counts()
      const answer = await api.call('POST', '/v1/jobs', { ...aJobOn(dataset), ...change })

      expect(answer.statusCode).toBe(status)
      expect(answer.json().code).toBe(code)
      expect(answer.json().errors[0].pointer).toBe(pointer)
      expect(await counts()).toEqual(before)
    },
  )

  test('422: one class only cannot be learned', async () => {
    const rows = xorRows.map((row) => ({ ...row, y: 'same' }))
    const answer = await api.call('POST', '/v1/jobs', aJobOn({ rows }))

    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ errors: [{ pointer: '/target/column' }] })
  })

  test('422: inline rows that are no table name the row', async () => {
    const answer = await api.call(
      'POST',
      '/v1/jobs',
      aJobOn({
        rows: [
          { a: 1, y: 1 },
          { a: '\u0001', y: 1e308, b: 'x'.repeat(100) },
        ],
      }),
    )

    expect(answer.statusCode).toBeLessThan(500)
  })

  test('422: rows without a column point at themselves', async () => {
    for (const route of ['/v1/jobs', '/v1/plans']) {
      const answer = await api.call('POST', route, aJobOn({ rows: [{}] }))

      expect(answer.statusCode).toBe(422)
      expect(answer.json().errors[0].pointer).toBe('/dataset/rows')
    }
  })

  test("202: a slow upload of another client holds nobody's rows back", async () => {
    const origin = new URL(await api.listen())
    const socket = connect(Number(origin.port), '127.0.0.1')
    socket.write(
      `POST /v1/datasets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.project}\r\n` +
        'content-type: text/csv\r\ncontent-length: 9000000\r\n\r\na,b\n',
    )
    socket.write('1,2\n'.repeat(500_000))
    await expect.poll(() => pool.free().threads).toBe(1)
    const answer = await api.call('POST', '/v1/jobs', aJobOn({ rows: xorRows }))
    socket.destroy()

    expect(answer.statusCode).toBe(202)
  })

  test("404: another project's dataset does not exist", async () => {
    const foreign = await storeTable(api, api.neighborId)
    const answer = await api.call('POST', '/v1/jobs', aJobOn(foreign))

    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({
      code: 'dataset_not_found',
      errors: [{ pointer: '/dataset' }],
    })
    const asValidation = {
      ...aJobOn(dataset),
      training: { epochs: 1, validation: { dataset: foreign } },
    }
    expect((await api.call('POST', '/v1/jobs', asValidation)).statusCode).toBe(404)
  })

  test('200 with Prefer: wait, once the job has ended', async () => {
    await api.store.db.query(`DELETE FROM jobs WHERE status = 'queued'`)
    const waiting = api.call('POST', '/v1/jobs', aJobOn(dataset), {
      headers: { prefer: 'wait=20' },
    })
    const claim = await expect
      .poll(() =>
        api.store.claimNext({ worker: 'w', leaseSeconds: 60, freeBytes: 1e12, maxSeconds: null }),
      )
      .not.toBeNull()
      .then(() => api.store.db.query(`SELECT id, fence FROM jobs WHERE status = 'running'`))
    const { id, fence } = claim.rows.at(-1)
    await api.store.finishRun(
      { jobId: id, fence },
      { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null },
    )
    const answer = await waiting

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['preference-applied']).toBe('wait=20')
    expect(answer.json()).toMatchObject({ id, status: 'succeeded' })
  })

  test('202 with Prefer: wait, when the time is over first', async () => {
    const headers = { prefer: 'wait=0' }
    const answer = await api.call('POST', '/v1/jobs', aJobOn(dataset), { headers })

    expect(answer.statusCode).toBe(202)
  })
})

async function counts() {
  const { rows } = await api.store.db.query(
    `SELECT (SELECT count(*) FROM jobs)::int AS jobs, (SELECT count(*) FROM datasets)::int AS datasets,
      (SELECT count(*) FROM blobs)::int AS blobs, (SELECT count(*) FROM outbox)::int AS outbox`,
  )
  return rows[0]
}

describe('the state table', () => {
  const table: [JobStatus, number, number, number, number, number][] = [
    // status, cancel, stop, pause, resume, delete
    ['queued', 200, 409, 200, 409, 409],
    ['running', 202, 202, 202, 409, 409],
    ['paused', 200, 409, 200, 200, 409],
    ['succeeded', 409, 409, 409, 409, 204],
    ['failed', 409, 409, 409, 409, 204],
    ['cancelled', 200, 409, 409, 409, 204],
  ]

  describe.each(table)('%s', (status, cancel, stop, pause, resume, remove) => {
    test(`cancel answers ${cancel}`, async () => {
      const { id } = await aJobThatIs(api, status, dataset)
      const answer = await api.call('POST', `/v1/jobs/${id}/cancel`)

      expect(answer.statusCode).toBe(cancel)
      if (cancel === 409) expect(answer.json().code).toBe('job_not_cancellable')
      if (cancel === 200) expect(answer.json().status).toBe('cancelled')
      if (cancel === 202) expect(answer.json()).toMatchObject({ status, intent: 'cancel' })
    })

    test(`stop answers ${stop}`, async () => {
      const { id } = await aJobThatIs(api, status, dataset)
      const answer = await api.call('POST', `/v1/jobs/${id}/stop`)

      expect(answer.statusCode).toBe(stop)
      if (stop === 409) expect(answer.json().code).toBe('job_not_stoppable')
      if (stop === 202) expect(answer.json()).toMatchObject({ status, intent: 'stop' })
    })

    test(`pause answers ${pause}`, async () => {
      const { id } = await aJobThatIs(api, status, dataset)
      const answer = await api.call('POST', `/v1/jobs/${id}/pause`)

      expect(answer.statusCode).toBe(pause)
      if (pause === 409) expect(answer.json().code).toBe('job_not_pausable')
      if (pause === 202) expect(answer.json()).toMatchObject({ status, intent: 'pause' })
      if (pause !== 200) return
      const reason = { code: 'paused_by_client' }
      expect(answer.json()).toMatchObject({
        status: 'paused',
        intent: 'none',
        status_reason: reason,
      })
      expect(await api.store.claimNext({ ...aWorker, leaseSeconds: 60 })).toBeNull()
    })

    test(`resume answers ${resume}`, async () => {
      const { id } = await aJobThatIs(api, status, dataset)
      const wakes = api.wakes()
      const answer = await api.call('POST', `/v1/jobs/${id}/resume`)

      expect(answer.statusCode).toBe(resume)
      if (resume === 409) expect(answer.json().code).toBe('job_not_resumable')
      if (resume !== 200) return
      expect(answer.json()).toMatchObject({ status: 'queued', status_reason: null })
      expect(answer.json().queue_position).toBeGreaterThanOrEqual(1)
      expect(api.wakes()).toBe(wakes + 1)
      expect((await api.store.claimNext({ ...aWorker, leaseSeconds: 60 }))?.jobId).toBe(id)
    })

    test(`delete answers ${remove}`, async () => {
      const { id } = await aJobThatIs(api, status, dataset)
      const answer = await api.call('DELETE', `/v1/jobs/${id}`)

      expect(answer.statusCode).toBe(remove)
      const after = await api.call('GET', `/v1/jobs/${id}`)
      expect(after.statusCode).toBe(remove === 204 ? 404 : 200)
    })
  })

  test('more jobs are resumed at once than there are connections', async () => {
    const ids: string[] = []
    for (let n = 0; n < 12; n += 1) ids.push((await aJobThatIs(api, 'paused', dataset)).id)
    const answers = await Promise.all(ids.map((id) => api.call('POST', `/v1/jobs/${id}/resume`)))
    await Promise.all(ids.map((id) => api.call('POST', `/v1/jobs/${id}/cancel`)))

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(ids.map(() => 200))
  })

  test('a paused job with a checkpoint is stopped at once, with its weights', async () => {
    const { id, claim } = await aJobThatIs(api, 'running', dataset)
    if (!claim) throw new Error('Expected a claim.')
    const point = (step: number) => ({ name: 'loss', step, value: 1 / step })
    const progress = { step: 6, steps: 9, epoch: 0, epochs: 1, eta_seconds: null }
    await api.store.writeProgress(claim, { progress, points: [point(2), point(4), point(6)] })
    await aCheckpoint(api.store, claim, 4)
    await api.store.finishRun(claim, { jobStatus: 'paused', runStatus: 'paused', reason: null })
    const answer = await api.call('POST', `/v1/jobs/${id}/stop`)

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      status: 'succeeded',
      status_reason: {
        code: 'stopped_early',
        message: 'Stopped by request; the weights are those of step 4 of 9.',
      },
      progress: { step: 4 },
      metrics: { loss: 0.25 },
      evaluation: null,
    })
    const { series } = (await api.call('GET', `/v1/jobs/${id}/losses`)).json()
    expect(series[0].points.map(({ step }: { step: number }) => step)).toEqual([2, 4])
    const weights = await api.call('GET', `/v1/jobs/${id}/weights`)
    expect(weights.rawPayload).toEqual(Buffer.from(checkpointFiles.weights))
    const events = (await api.call('GET', `/v1/jobs/${id}/events?limit=500`)).json().data
    expect(events.map(({ seq }: { seq: number }) => seq)).toEqual(
      events.map((_: unknown, i: number) => i + 1),
    )
    expect(events.at(-1)).toMatchObject({ type: 'end', data: { status: 'succeeded' } })
    expect((await api.call('DELETE', `/v1/jobs/${id}`)).statusCode).toBe(204)
    expect(await api.store.readResumable(id)).toEqual([])
  })

  test('a stop takes back a pause, and a pause nothing', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    const intents = []
    for (const verb of ['pause', 'stop', 'pause', 'cancel', 'pause']) {
      intents.push((await api.call('POST', `/v1/jobs/${id}/${verb}`)).json().intent)
    }

    expect(intents).toEqual(['pause', 'stop', 'stop', 'cancel', 'cancel'])
  })

  test('a stop does not take back a cancel', async () => {
    const { id } = await aJobThatIs(api, 'running', dataset)
    await api.call('POST', `/v1/jobs/${id}/cancel`)
    const answer = await api.call('POST', `/v1/jobs/${id}/stop`)

    expect(answer.json().intent).toBe('cancel')
  })

  test.each(['cancel', 'stop', 'pause', 'resume'])(
    "404: %s of another project's job",
    async (verb) => {
      const { id } = await aJobThatIs(api, 'running', dataset)
      const key = api.keys.neighbor

      expect(
        (await api.call('POST', `/v1/jobs/${id}/${verb}`, undefined, { key })).statusCode,
      ).toBe(404)
      expect((await api.call('DELETE', `/v1/jobs/${id}`, undefined, { key })).statusCode).toBe(404)
      expect((await api.call('GET', `/v1/jobs/${id}`)).json().intent).toBe('none')
    },
  )
})

describe('GET /v1/jobs', () => {
  test('pages through all jobs without a gap or a duplicate, newest first', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) {
      const body = { ...aJobOn(dataset), labels: { page: 'yes', n: String(i % 2) } }
      made.push((await api.call('POST', '/v1/jobs', body)).json().id)
    }
    const seen: string[] = []
    let after = ''
    for (;;) {
      const page = (await api.call('GET', `/v1/jobs?label=page:yes&limit=2${after}`)).json()
      seen.push(...page.data.map(({ id }: { id: string }) => id))
      if (!page.has_more) break
      after = `&after=${page.last_id}`
    }

    expect(seen).toEqual(made.toReversed())
  })

  test('filters by label, status, name and dataset', async () => {
    const body = { ...aJobOn(dataset), name: 'needle', labels: { team: 'a:b' } }
    const { id } = (await api.call('POST', '/v1/jobs', body)).json()
    for (const filter of ['label=team:a:b', 'name=needle']) {
      const { data } = (await api.call('GET', `/v1/jobs?${filter}`)).json()
      expect(data.map((job: { id: string }) => job.id)).toEqual([id])
    }

    const none = await api.call('GET', '/v1/jobs?name=needle&status=failed')
    expect(none.json().data).toEqual([])
    const both = await api.call('GET', `/v1/jobs?label=team:a:b&label=other:x&dataset=${dataset}`)
    expect(both.json().data).toEqual([])
  })

  test('shows nothing of another project', async () => {
    const answer = await api.call('GET', '/v1/jobs', undefined, { key: api.keys.neighbor })

    expect(answer.json().data).toEqual([])
  })

  test.each(['limit=0', 'limit=x', 'status=resting', 'after=ds_1', 'label=nocolon', 'nope=1'])(
    '400: %s',
    async (query) => {
      expect((await api.call('GET', `/v1/jobs?${query}`)).statusCode).toBe(400)
    },
  )
})

describe('GET /v1/jobs/{id}', () => {
  test('404: no such job', async () => {
    expect((await api.call('GET', `/v1/jobs/${newId('job')}`)).statusCode).toBe(404)
    const key = api.keys.neighbor
    const { id } = (await api.call('POST', '/v1/jobs', aJobOn(dataset))).json()
    expect((await api.call('GET', `/v1/jobs/${id}`, undefined, { key })).statusCode).toBe(404)
  })

  test('200: a failed job says why', async () => {
    const { id } = await aJobThatIs(api, 'failed', dataset)

    expect((await api.call('GET', `/v1/jobs/${id}`)).json()).toMatchObject({
      status: 'failed',
      status_reason: { code: 'loss_not_finite' },
      weights: null,
    })
  })
})

describe('GET /v1/jobs/{id}/runs', () => {
  test('200: lists the attempts', async () => {
    const { id } = await aJobThatIs(api, 'succeeded', dataset)

    expect((await api.call('GET', `/v1/jobs/${id}/runs`)).json().data).toMatchObject([
      { job: id, attempt: 1, status: 'succeeded', worker: 'test:1' },
    ])
  })

  test("404: another project's job", async () => {
    const { id } = await aJobThatIs(api, 'succeeded', dataset)
    const key = api.keys.neighbor

    expect((await api.call('GET', `/v1/jobs/${id}/runs`, undefined, { key })).statusCode).toBe(404)
  })
})

describe('POST /v1/plans', () => {
  test('200: says what the job would cost, as the job then says itself', async () => {
    const plan = await api.call('POST', '/v1/plans', aJobOn(dataset))
    const job = await api.call('POST', '/v1/jobs', aJobOn(dataset))

    expect(plan.statusCode).toBe(200)
    expect(plan.json()).toEqual(job.json().plan)
    expect(plan.json()).toMatchObject({ parameters: 9, training_rows: 4, steps: 2 })
  })

  test('200: plans for inline rows, and stores nothing', async () => {
    const before = await counts()
    const answer = await api.call('POST', '/v1/plans', aJobOn({ rows: xorRows }))

    expect(answer.json()).toMatchObject({ inputs: 2, outputs: 1 })
    expect(await counts()).toEqual(before)
  })

  test('422: refuses what a job would be refused', async () => {
    const answer = await api.call('POST', '/v1/plans', {
      ...aJobOn(dataset),
      model: { type: 'mlp', hidden: [60_000, 60_000] },
    })

    expect(answer.json().code).toBe('limit_exceeded')
    expect(answer.json().detail).toMatch(/\d+ parameters; the limit is 1000000/)
  })
})

test('a job that is paused and resumed again and again carries its last 100 transitions, its events all', async () => {
  const { id } = await aJobThatIs(api, 'queued', dataset)
  const ask = (intent: string) => api.call('POST', `/v1/jobs/${id}/${intent}`)
  for (let i = 0; i < 52; i++) {
    await ask('pause')
    await ask('resume')
  }
  const { transitions } = (await ask('pause')).json()
  const events = await api.call('GET', `/v1/jobs/${id}/events?limit=200`)
  const statuses = (list: { status: string }[]) => list.map(({ status }) => status)
  const all = statuses(events.json().data.map(({ data }: { data: object }) => data))

  expect(all.length).toBe(1 + 2 * 52 + 1)
  expect(statuses(transitions)).toEqual(all.slice(-100))
})
