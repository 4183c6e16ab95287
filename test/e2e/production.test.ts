/**
 * @file The production shape: an api and two workers, each a process of its own, on one Postgres; with a
 * Redis and without.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { EventPage } from '../../src/contract/events.ts'
import { Job } from '../../src/contract/jobs.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { describeOnEachQueue, type TestRedis, testRedis } from '../support/services.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { longJob } from './support/long-job.ts'
import { endPrograms, type Program, type Settings, startProgram } from './support/program.ts'

const silent = { info: () => {}, warn: () => {} }
const leaseSeconds = 10

describeOnEachQueue('an api and two workers', ({ name }) => {
  let folder: TestDataFolder
  let postgres: EmbeddedPostgres
  let redis: TestRedis | undefined
  let settings: Settings
  let workers: Program[]
  let api: Program
  let client: Client

  beforeAll(async () => {
    folder = testDataFolder()
    postgres = await startEmbeddedPostgres({
      dataFolder: folder.path,
      log: silent,
      isDurable: false,
    })
    redis = name === 'redis' ? await testRedis() : undefined
    settings = {
      DATABASE_URL: postgres.url,
      THREADS: '1',
      LEASE_SECONDS: String(leaseSeconds),
      ...(redis ? { REDIS_URL: redis.url } : {}),
    }
    // The workers first, on an empty database: any process may be the first.
    workers = await Promise.all([startWorker(), startWorker()])
    api = await startProgram({ ...settings, ROLE: 'api' })
    client = createClient({ url: api.url, key: api.firstKey })
  })

  afterAll(async () => {
    await endPrograms()
    await redis?.dispose()
    await postgres.stop()
    await folder.dispose()
  })

  const startWorker = () => startProgram({ ...settings, ROLE: 'worker' })

  /** The worker that has the job now, taken out of the list of those that live. */
  async function takeWorkerOf(jobId: string): Promise<Program> {
    await client.jobWhen(jobId, ({ progress }) => progress.step > 0)
    const [run] = await client.runs(jobId)
    const worker = workers.find(({ pid }) => run.worker.endsWith(`:${pid}`))
    if (!worker) throw new Error(`${run.worker} is none of ${workers.map(({ pid }) => pid)}.`)
    workers = workers.filter((other) => other !== worker)
    return worker
  }

  test('the first key is printed by the api, whoever was there first', () => {
    expect(api.firstKey).toMatch(/^ty_/)
    expect(api.stdout()).toContain(name === 'redis' ? 'on Redis' : 'on the same Postgres')
    for (const worker of workers) expect(worker.stdout()).not.toMatch(/ty_|http:/)
  })

  test('a job whose worker is killed goes on from its checkpoint, as if nothing had happened', async () => {
    const spec = await longJob(client, 1.5, { checkpoint_every: 1_000 })
    const { id } = await client.createJob(spec)
    const killed = await takeWorkerOf(id)
    const [checkpoint] = await client.checkpoints(id)

    await killed.end('SIGKILL')
    const undisturbed = await client.createJob(spec)

    const reference = await client.jobEnded(undisturbed.id)
    expect(reference).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await client.jobEnded(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect((await client.runs(id)).map(({ status }) => status)).toEqual(['succeeded', 'lost'])
    expect(await client.weightsHash(id)).toBe(reference.weights?.sha256)
    expect(await client.losses(id)).toEqual(await client.losses(undisturbed.id))
    const { data: events } = await client.get(EventPage, `/v1/jobs/${id}/events?limit=500`)
    const began = events.flatMap(({ data }) => ('message' in data ? [data.message] : []))
    expect(began).toEqual([expect.stringContaining('The job goes on from the checkpoint at step')])
    expect(Number(/\d+/.exec(began[0])?.[0])).toBeGreaterThanOrEqual(checkpoint.step)
  })

  test('a job that is paused on one worker goes on on another', async () => {
    workers.push(await startWorker())
    const spec = await longJob(client, 1)
    const { id } = await client.createJob(spec)
    const stopped = await takeWorkerOf(id)
    await client.post(Job, `/v1/jobs/${id}/pause`, {})
    await client.jobWhen(id, ({ status }) => status === 'paused')
    await stopped.end('SIGTERM')
    const undisturbed = await client.jobEnded((await client.createJob(spec)).id)
    await client.post(Job, `/v1/jobs/${id}/resume`, {})

    expect(await client.jobEnded(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await client.weightsHash(id)).toBe(undisturbed.weights?.sha256)
    expect(await client.losses(id)).toEqual(await client.losses(undisturbed.id))
    const runs = await client.runs(id)
    expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'paused'])
    expect(runs[0].worker).not.toBe(runs[1].worker)
  })

  test('a worker that is asked to stop hands its job over at once', async () => {
    workers.push(await startWorker())
    const { id } = await client.createJob(await longJob(client, 1.5))
    const stopped = await takeWorkerOf(id)

    expect(await stopped.end('SIGTERM')).toEqual({ code: 0, signal: null })

    // Claimed again before its lease would have expired, however slow the training is here.
    await client.jobWhen(id, ({ attempt }) => attempt === 2, (leaseSeconds - 1) * 1000)
    expect(await client.jobEnded(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect((await client.runs(id)).map(({ status }) => status)).toEqual(['succeeded', 'released'])
  })
})
