/**
 * @file Everything a worker needs, real and in this process: Postgres, queue, threads; and jobs that
 * train on rows of XOR.
 */

import { Registry } from 'prom-client'

import type { TableProfile } from '../../../src/contract/datasets.ts'
import { newId } from '../../../src/contract/ids.ts'
import { isTerminal, type JobStatus } from '../../../src/contract/jobs.ts'
import { CreateJob, Spec } from '../../../src/contract/spec/spec.ts'
import { noTracer } from '../../../src/contract/tracing.ts'
import { createDatasetReader } from '../../../src/data/profile/dataset-reader.ts'
import { numericsVersions } from '../../../src/engine/index.ts'
import { createLiveChannel } from '../../../src/queue/live-channel.ts'
import { createQueue, type Queue } from '../../../src/queue/queue.ts'
import { createRelay, type Relay } from '../../../src/queue/relay.ts'
import { createDataset } from '../../../src/store/datasets.ts'
import { useInitialWeights } from '../../../src/store/initial-weights.ts'
import type { JobRow } from '../../../src/store/jobs/read-jobs.ts'
import type { Store } from '../../../src/store/store.ts'
import type { ThreadEntries } from '../../../src/threads/entries.ts'
import { planJob } from '../../../src/threads/plan.ts'
import { createThreadPool, type ThreadPool } from '../../../src/threads/pool.ts'
import { unseen } from '../../../src/workers/observed-run.ts'
import { startWorker, type Worker } from '../../../src/workers/worker.ts'
import type { WorkerLimits } from '../../../src/workers/worker-parts.ts'
import { aProject, testStore } from '../../store/support/seed.ts'
import { writeBlob } from '../../store/support/write-blob.ts'
import { type QueueBackend, type TestRedis, testRedis } from '../../support/services.ts'

export interface Yard {
  readonly store: Store
  readonly queue: Queue
  readonly relay: Relay
  readonly redis: TestRedis | null
  readonly projectId: string
  readonly dataset: string
  /** Another worker, with threads of its own. */
  work(options?: {
    entries?: Partial<ThreadEntries>
    threads?: number
    checkpointEveryMs?: number
    numericsVersion?: number
    leaseSeconds?: number
    registry?: Registry
    limits?: Partial<WorkerLimits>
    memoryBytes?: number
  }): Worker
  /** Commits a job; its message is sent when the relay looks. */
  submit(training: object, changes?: object): Promise<string>
  job(id: string): Promise<JobRow>
  untilStatus(id: string, ...statuses: JobStatus[]): Promise<JobRow>
  untilEnded(id: string): Promise<JobRow>
  dispose(): Promise<void>
}

const csv = 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n'
const bytes = new TextEncoder().encode(csv)

function profileOf(content: Uint8Array): TableProfile {
  const reader = createDatasetReader('csv', { maxColumns: 100 })
  reader.write(content)
  const { profile } = reader.end()
  if (profile.kind !== 'table') throw new Error('Expected a table.')
  return profile
}

export async function aYard({ name }: Pick<QueueBackend, 'name'>): Promise<Yard> {
  const { store, database, dispose } = await testStore()
  const redis = name === 'redis' ? await testRedis() : null
  const location = { redisUrl: redis?.url ?? null, databaseUrl: database.url, onError: () => {} }
  const queue = await createQueue(location)
  const live = await createLiveChannel(location)
  const relay = createRelay({ drain: store.drainOutbox, send: queue.send, onError: () => {} })
  const projectId = await aProject(store)
  const profile = profileOf(bytes)
  const dataset = await storeDataset(store, projectId, profile)
  const pools: ThreadPool[] = []
  const workers: Worker[] = []

  async function job(id: string): Promise<JobRow> {
    const row = await store.jobs.find(projectId, id)
    if (!row) throw new Error(`There is no job ${id}.`)
    return row
  }

  async function until(id: string, isThere: (status: JobStatus) => boolean): Promise<JobRow> {
    const deadlineMs = performance.now() + 45_000
    while (performance.now() < deadlineMs) {
      const row = await job(id)
      if (isThere(row.status)) return row
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`Job ${id} is still ${(await job(id)).status}.`)
  }

  return {
    store,
    queue,
    relay,
    redis,
    projectId,
    dataset,
    job,
    untilStatus: (id, ...statuses) => until(id, (status) => statuses.includes(status)),
    untilEnded: (id) => until(id, isTerminal),

    work({
      entries,
      threads = 1,
      checkpointEveryMs = 30_000,
      numericsVersion = numericsVersions.native,
      leaseSeconds = 10,
      registry = new Registry(),
      limits = {},
      memoryBytes = 1e9,
    } = {}) {
      const pool = createThreadPool({ threads, memoryBytes, ...(entries && { entries }) })
      const worker = startWorker({
        store,
        queue,
        relay,
        live,
        pool,
        leaseSeconds,
        numericsVersion,
        checkpointEveryMs,
        limits: { jobs_running: 1_000, threads: 1_000, job_seconds: 3_600, ...limits },
        log: unseen.log,
        tracer: noTracer,
        registry,
        onError: () => {},
      })
      pools.push(pool)
      workers.push(worker)
      return worker
    },

    async submit(training, changes = {}) {
      const id = newId('job')
      const {
        name: jobName,
        labels,
        priority,
        max_attempts,
        ...rest
      } = CreateJob.parse({
        dataset,
        target: { column: 'y', task: 'classification' },
        model: { type: 'mlp', hidden: [8], activation: 'tanh', dropout: 0.1 },
        training: { batch_size: 2, ...training },
        ...changes,
      })
      const spec = Spec.parse({ ...rest, dataset })
      await store.createJob(
        store.db,
        projectId,
        {
          id,
          name: jobName ?? null,
          labels: labels ?? {},
          priority,
          maxAttempts: max_attempts,
          spec,
          specSha256: 'a'.repeat(64),
          plan: planJob(spec, { profile, bytes: bytes.length }, null),
          numericsVersion: numericsVersions.native,
        },
        1_000,
      )
      if (spec.init_from) await useInitialWeights(store.db, projectId, id, spec.init_from)
      relay.wake()
      return id
    },

    async dispose() {
      await Promise.all(workers.map((worker) => worker.stop(10_000)))
      await Promise.all(pools.map((pool) => pool.stop({ force: true })))
      await relay.stop()
      await live.close()
      await queue.close()
      await redis?.dispose()
      await dispose()
    },
  }
}

async function storeDataset(
  store: Store,
  projectId: string,
  profile: TableProfile,
): Promise<string> {
  const id = newId('dataset')
  await store.transaction(async (transaction) => {
    const blob = await writeBlob(transaction, projectId, bytes)
    await createDataset(transaction, projectId, {
      id,
      name: null,
      labels: {},
      format: 'csv',
      blob,
      profile,
      preview: [],
    })
  })
  return id
}
