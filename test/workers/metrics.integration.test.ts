/** @file Each number that a worker measures moves when what it counts happens. */
import { Registry } from 'prom-client'
import { afterAll, expect, test, vi } from 'vitest'
import { measureStore } from '../../src/workers/measured-store.ts'
import { createWorkerMetrics } from '../../src/workers/metrics.ts'
import { startReconciler } from '../../src/workers/reconciler.ts'
import { aQueuedJob, aWorker } from '../store/support/seed.ts'
import { aYard } from './support/yard.ts'

const yard = await aYard({ name: 'postgres' })
afterAll(() => yard.dispose())
const registry = new Registry()
const worker = yard.work({ registry, checkpointEveryMs: 100 })

/** 0 where nothing was counted yet. */
async function measured(name: string, from = registry): Promise<number> {
  const line = (await from.metrics()).split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const leaseOf = (jobId: string) =>
  yard.store.db.query(
    `UPDATE jobs SET lease_expires_at = now() - interval '1 second' WHERE id = $1`,
    [jobId],
  )

test('steps and ended runs', async () => {
  const id = await yard.submit({ epochs: 50 })
  const { plan } = await yard.untilEnded(id)

  expect(await measured('trainyard_training_steps_total')).toBe(Object(plan).steps)
  await vi.waitFor(async () =>
    expect(await measured('trainyard_runs_ended_total{status="succeeded"}')).toBe(1),
  )
})

test('checkpoints, renewals, and a lease that another run has taken', async () => {
  const id = await yard.submit({ epochs: 10_000_000, report_every: 100_000 })
  await yard.untilStatus(id, 'running')
  await vi.waitFor(
    async () => {
      expect(await measured('trainyard_checkpoint_seconds_count')).toBeGreaterThan(0)
      expect(await measured('trainyard_lease_renewals_total')).toBeGreaterThan(0)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(await measured('trainyard_checkpoint_seconds_sum')).toBeGreaterThan(0)
  expect(await measured('trainyard_checkpoint_bytes_sum')).toBeGreaterThan(100)
  expect(await measured('trainyard_leases_lost_total{reason="taken"}')).toBe(0)

  await yard.store.db.query('UPDATE jobs SET fence = fence + 1 WHERE id = $1', [id])
  await vi.waitFor(async () =>
    expect(await measured('trainyard_leases_lost_total{reason="taken"}')).toBe(1),
  )
})

test('each write that the fence refuses, by what it was', async () => {
  const own = new Registry()
  const store = measureStore(yard.store, createWorkerMetrics(own))
  const old = { jobId: 'job_0', fence: 1, projectId: yard.projectId }
  const files = { weights: new Uint8Array(1), rest: new Uint8Array(1) }
  const refused = (write: string) =>
    measured(`trainyard_fenced_writes_total{write="${write}"}`, own)

  await store.writeProgress(old, {
    progress: { step: 1, steps: 1, epoch: 1, epochs: 1, eta_seconds: null },
    points: [],
  })
  await store.writeCheckpoint(
    old,
    { ...files, step: 1, epoch: 0, planHash: '', numericsVersion: 1, metricName: 'loss' } as never,
    () => true,
  )
  await store.resumeRun(old, { step: 0, epoch: 0 })
  await store.startOver(old, 2)
  await store.finishRun(old, { jobStatus: 'cancelled', runStatus: 'cancelled', reason: null })

  expect(await refused('progress')).toBe(1)
  expect(await refused('checkpoint')).toBe(1)
  expect(await refused('start')).toBe(2)
  expect(await refused('end')).toBe(1)
})

test('what the reconciler makes good: a lost run, and the message that stands for it', async () => {
  await worker.stop(5_000) // so that nobody takes the job
  const lost = await aQueuedJob(yard.store, yard.projectId, yard.dataset)
  await yard.store.claimNext(aWorker)
  await leaseOf(lost)
  await yard.relay.stop() // so that the message is missing
  const own = new Registry()
  const stop = startReconciler({
    ...yard,
    report: async () => {},
    // A queue that has forgotten all: messages of other tests may still wait, and one of them would do.
    queue: { ...yard.queue, countWaiting: async () => 0 },
    live: { publish() {} },
    limits: { jobs_running: 10, threads: 10, job_seconds: 60 },
    onError: () => {},
    log: { warn() {} },
    metrics: createWorkerMetrics(own),
  })

  await vi.waitFor(
    async () =>
      expect(await measured('trainyard_reconciler_repairs_total{repair="run"}', own)).toBe(1),
    { timeout: 10_000 },
  )
  await yard.store.drainOutbox(10, async () => {}) // what is in the outbox is on its way
  await vi.waitFor(
    async () =>
      expect(
        await measured('trainyard_reconciler_repairs_total{repair="message"}', own),
      ).toBeGreaterThan(0),
    { timeout: 10_000 },
  )
  await stop()
})

test('an end whose answer was lost, and that is recorded again, is a run that ended', async () => {
  const own = new Registry()
  const store = measureStore(yard.store, createWorkerMetrics(own))
  const id = await aQueuedJob(yard.store, yard.projectId, yard.dataset)
  await yard.store.db.query('UPDATE jobs SET priority = 10 WHERE id = $1', [id])
  const job = await store.claimNext(aWorker)
  expect(job?.jobId).toBe(id)
  const end = { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null } as const
  await yard.store.finishRun(job!, end) // committed, and nobody heard of it

  expect(await store.finishRun(job!, end)).toBe('succeeded')
  expect(await measured('trainyard_runs_ended_total{status="succeeded"}', own)).toBe(1)
  expect(await measured('trainyard_fenced_writes_total{write="end"}', own)).toBe(0)
})

test('a run that succeeds when its job was to be cancelled is counted as it is recorded', async () => {
  const own = new Registry()
  const store = measureStore(yard.store, createWorkerMetrics(own))
  const id = await aQueuedJob(yard.store, yard.projectId, yard.dataset)
  await yard.store.db.query("UPDATE jobs SET priority = 10, intent = 'cancel' WHERE id = $1", [id])
  const job = await store.claimNext(aWorker)
  expect(job?.jobId).toBe(id)
  const end = { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null } as const

  expect(await store.finishRun(job!, end)).toBe('cancelled')
  expect(await measured('trainyard_runs_ended_total{status="cancelled"}', own)).toBe(1)
  expect(await measured('trainyard_runs_ended_total{status="succeeded"}', own)).toBe(0)
})

test('no name of a job, run or project is in what is measured', async () => {
  expect(await registry.metrics()).not.toMatch(/_[0-9a-f]{32}/)
})
