/**
 * @file What can be seen of one job across processes, an api and two workers: its lines in their logs, and
 * one trace from the POST to the last step, also when another worker takes it over.
 */
import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { Job } from '../../src/contract/jobs.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../support/otlp-receiver.ts'
import { describeOnEachQueue, type TestRedis, testRedis } from '../support/services.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { longJob } from './support/long-job.ts'
import { endPrograms, type Program, startProgram } from './support/program.ts'

const silent = { info: () => {}, warn: () => {} }

describeOnEachQueue('an api and two workers', ({ name }) => {
  let folder: TestDataFolder
  let postgres: EmbeddedPostgres
  let redis: TestRedis | undefined
  let receiver: OtlpReceiver
  let api: Program
  let workers: Program[]
  let client: Client

  beforeAll(async () => {
    folder = testDataFolder()
    receiver = await startOtlpReceiver()
    postgres = await startEmbeddedPostgres({
      dataFolder: folder.path,
      log: silent,
      isDurable: false,
    })
    redis = name === 'redis' ? await testRedis() : undefined
    const settings = {
      DATABASE_URL: postgres.url,
      THREADS: '1',
      LEASE_SECONDS: '10',
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      ...(redis && { REDIS_URL: redis.url }),
    }
    const worker = { ...settings, ROLE: 'worker', WORKER_PORT: '0' }
    workers = await Promise.all([startProgram(worker), startProgram(worker)])
    api = await startProgram({ ...settings, ROLE: 'api' })
    client = createClient({ url: api.url, key: api.firstKey })
  })

  afterAll(async () => {
    await endPrograms()
    await receiver.close()
    await redis?.dispose()
    await postgres.stop()
    await folder.dispose()
  })

  /** As a client does that traces itself. */
  async function postJob(spec: object) {
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
    const requestId = `client-${spanId}`
    const answer = await client.fetch('/v1/jobs', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${spanId}-01`,
        'x-request-id': requestId,
      },
      body: JSON.stringify(spec),
    })
    expect(answer.headers.get('x-request-id')).toBe(requestId)
    return { ...Job.parse(await answer.json()), traceId, spanId, requestId }
  }

  async function traceWhen(traceId: string, isThere: (spans: ReceivedSpan[]) => boolean) {
    return vi.waitFor(
      () => {
        const spans = receiver.spans.filter((span) => span.traceId === traceId)
        if (!isThere(spans)) throw new Error(JSON.stringify(spans.map((span) => span.name)))
        return spans
      },
      { timeout: 10_000, interval: 50 },
    )
  }

  const linesOf = (program: Program, jobId: string) =>
    program.log().filter((line) => 'jobId' in line && line.jobId === jobId)

  test('one job is one trace, below the span of its client', async () => {
    const job = await postJob(await longJob(client, 0.5, { checkpoint_every: 1_000 }))
    expect((await client.jobEnded(job.id)).status).toBe('succeeded')

    const spans = await traceWhen(job.traceId, (spans) =>
      spans.some((span) => span.name === 'run job'),
    )
    const named = (spanName: string) => spans.filter((span) => span.name === spanName)
    const [[post], [run], [train]] = [named('POST /v1/jobs'), named('run job'), named('train')]
    expect(post).toMatchObject({ parentId: job.spanId, kind: 2, status: 0 })
    expect(post.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/jobs',
      'http.response.status_code': 202,
      'trainyard.job.id': job.id,
      'trainyard.request.id': job.requestId,
    })
    expect(post.resource).toMatchObject({
      'service.name': 'trainyard-api',
      'deployment.environment.name': 'test',
    })
    expect(run).toMatchObject({ parentId: post.spanId, kind: 5, status: 0 })
    expect(run.attributes).toMatchObject({
      'trainyard.job.id': job.id,
      'trainyard.run.attempt': 1,
      'trainyard.run.status': 'succeeded',
    })
    expect(run.resource['service.name']).toBe('trainyard-worker')
    for (const step of ['claim', 'load dataset', 'train', 'finish']) {
      expect(named(step), step).toHaveLength(1)
      expect(named(step)[0].parentId, step).toBe(run.spanId)
    }
    expect(named('checkpoint').length).toBeGreaterThan(0)
    for (const checkpoint of named('checkpoint')) expect(checkpoint.parentId).toBe(train.spanId)
    expect(train.events.length).toBeGreaterThan(1)
    expect(train.events.length).toBeLessThanOrEqual(100)
    expect(train.events.at(-1)).toMatchObject({
      name: 'progress',
      attributes: { step: job.progress.steps, loss: expect.any(Number) },
    })
    for (const span of spans) expect(span.endedAtNs).toBeGreaterThanOrEqual(span.startedAtNs)
  })

  test('each line of the logs that is about the job says so: job, project, run, request', async () => {
    const job = await postJob(await longJob(client, 0.1))
    await client.jobEnded(job.id)
    const [run] = await client.runs(job.id)
    const ofApi = linesOf(api, job.id)
    const ofWorkers = await vi.waitFor(() => {
      const lines = workers.flatMap((worker) => linesOf(worker, job.id))
      expect(lines.map(({ msg }) => msg)).toContain('run ended')
      return lines
    })

    expect(ofApi.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['job accepted', 'answered']),
    )
    expect(ofApi.find(({ msg }) => msg === 'job accepted')).toMatchObject({
      requestId: job.requestId,
    })
    for (const line of ofApi) {
      expect(line).toMatchObject({
        projectId: expect.stringMatching(/^prj_/),
        requestId: expect.any(String),
      })
    }
    expect(ofWorkers.map(({ msg }) => msg)).toEqual(['run started', 'run ended'])
    for (const line of ofWorkers) {
      expect(line).toMatchObject({
        runId: run.id,
        requestId: job.requestId,
        projectId: 'projectId' in ofApi[0] && ofApi[0].projectId,
      })
    }
    expect(ofWorkers[1]).toMatchObject({ status: 'succeeded' })
  })

  test('a job that another worker takes over goes on in its trace, and in its lines', async () => {
    const job = await postJob(await longJob(client, 1.5, { checkpoint_every: 1_000 }))
    await client.checkpoints(job.id)
    const [first] = await client.runs(job.id)
    const killed = workers.find(({ pid }) => first.worker.endsWith(`:${pid}`))
    await traceWhen(job.traceId, (spans) => spans.some((span) => span.name === 'claim'))
    await killed?.end('SIGKILL')
    expect(await client.jobEnded(job.id)).toMatchObject({ status: 'succeeded', attempt: 2 })

    const spans = await traceWhen(job.traceId, (spans) =>
      spans.some((span) => span.name === 'run job'),
    )
    const post = spans.find((span) => span.name === 'POST /v1/jobs')
    const run = spans.find((span) => span.name === 'run job')
    expect(run).toMatchObject({
      parentId: post?.spanId,
      attributes: { 'trainyard.run.attempt': 2, 'trainyard.run.status': 'succeeded' },
    })
    const resumed = spans.find((span) => span.name === 'find checkpoint')
    expect(resumed?.parentId).toBe(run?.spanId)
    const claims = spans.filter((span) => span.name === 'claim')
    expect(new Set(claims.map(({ resource }) => resource['service.instance.id'])).size).toBe(2)
    const other = workers.find((worker) => worker !== killed)
    expect(other && linesOf(other, job.id)).toContainEqual(
      expect.objectContaining({ msg: 'run ended', requestId: job.requestId }),
    )
  })

  test('a trace that its client does not keep is not kept here either', async () => {
    const spec = await longJob(client, 0.1)
    const traceId = randomBytes(16).toString('hex')
    const created = await client.fetch('/v1/jobs', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-00`,
      },
      body: JSON.stringify(spec),
    })
    await client.jobEnded(Job.parse(await created.json()).id)
    const kept = await postJob(spec)
    await client.jobEnded(kept.id)
    await traceWhen(kept.traceId, (spans) => spans.some((span) => span.name === 'run job'))

    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([])
  })

  test('no key is in a log or in a trace', async () => {
    const key = api.firstKey ?? ''
    expect(key).toMatch(/^ty_/)
    const secret = key.split('_')[2]
    for (const program of [api, ...workers]) {
      expect(JSON.stringify(program.log())).not.toContain(secret)
    }
    expect(Buffer.concat(receiver.bodies).includes(secret)).toBe(false)
  })

  test('a worker that gives its job back is not ready, and says so until it is gone', async () => {
    const worker = workers.find(({ pid }) => isAlive(pid))
    const [, status] = /Status +(http\S+)\/readyz/.exec(worker?.stdout() ?? '') ?? []
    const metrics = await (await fetch(`${status}/metrics`)).text()
    expect(metrics).toMatch(/^trainyard_training_steps_total [1-9]/m)
    const job = await client.createJob(await longJob(client, 5))
    await client.jobWhen(job.id, ({ progress }) => progress.step > 0)

    const ended = worker?.end('SIGTERM')
    const seen = new Set<number>()
    for (;;) {
      const answer = await fetch(`${status}/readyz`).catch(() => null)
      if (!answer) break
      if (seen.has(503)) expect(answer.status).toBe(503)
      seen.add(answer.status)
    }
    expect(seen.has(503)).toBe(true)
    expect(await ended).toMatchObject({ code: 0 })
    expect((await client.runs(job.id))[0].status).toBe('released')
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
