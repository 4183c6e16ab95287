/**
 * @file The signs of life that a run gives before a thread has it: from real pieces of a real Postgres, with
 * the pool replaced by one that only looks.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { noTracer } from '../../src/contract/tracing.ts'
import { createDatasetCache } from '../../src/workers/dataset-cache.ts'
import { type HeldRun, holdRun } from '../../src/workers/held-run.ts'
import { unseen } from '../../src/workers/observed-run.ts'
import { trainJob } from '../../src/workers/run-job.ts'
import type { WorkerParts } from '../../src/workers/worker-parts.ts'
import {
  aCheckpoint,
  aDataset,
  aNewJob,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from '../store/support/seed.ts'

const MiB = 1024 * 1024
/** A blob is read in pieces of a quarter of this. */
const dataset = `x,y\n${'0,1\n'.repeat(MiB / 4)}`.slice(0, MiB)
const piecesOfDataset = 4

let fixture: TestStore
let projectId: string

beforeEach(async () => {
  fixture = await testStore()
  projectId = await aProject(fixture.store)
})
afterEach(() => fixture.dispose())

async function claimed(changes: object = {}) {
  const data = await aDataset(fixture.store, projectId, dataset)
  const id = await aQueuedJob(fixture.store, projectId, data, changes)
  return claim(id)
}

async function claim(id: string) {
  const job = await fixture.store.claimNext(aWorker)
  if (job?.jobId !== id) throw new Error(`Job ${id} was not claimed.`)
  return { job, run: holdRun(job, 30, performance.now(), unseen) }
}

/** What the pool saw of the run when it was given to it, and once a thread had it. */
async function seenByPool({ job, run }: Awaited<ReturnType<typeof claim>>) {
  const seen: Pick<HeldRun, 'isWaiting'>[] = []
  const pool: WorkerParts['pool'] = {
    threads: 1,
    memoryBytes: 1e9,
    async train(task, { onBegin }) {
      seen.push({ isWaiting: run.isWaiting })
      onBegin?.()
      seen.push({ isWaiting: run.isWaiting })
      task.progress.close()
      return { outcome: 'cancelled', step: 0, epoch: 0, points: [] } as never
    },
  }
  await trainJob(
    {
      store: fixture.store,
      datasets: createDatasetCache(fixture.store, 0),
      live: { publish() {} },
      pool,
      log: unseen.log,
      tracer: noTracer,
      metrics: { steps: { inc() {} } },
      checkpointEveryMs: 30_000,
      numericsVersion: 1,
    } as unknown as WorkerParts,
    job,
    run,
    1,
  )
  return { seen, heartbeats: run.heartbeats() }
}

test('each piece of a dataset is a sign of life; waiting for a thread needs none', async () => {
  const { seen, heartbeats } = await seenByPool(await claimed())

  expect(heartbeats).toBe(piecesOfDataset)
  expect(seen).toEqual([{ isWaiting: true }, { isWaiting: false }])
})

test('so is each piece of a validation dataset and of a checkpoint', async () => {
  const validation = await aDataset(fixture.store, projectId, dataset)
  const { spec } = aNewJob(validation)
  const training = { ...spec.training, validation: { dataset: validation } }
  const data = await aDataset(fixture.store, projectId, dataset)
  const first = await claim(
    await aQueuedJob(fixture.store, projectId, data, {
      spec: { ...spec, dataset: data, training },
    }),
  )
  const files = { weights: new Uint8Array(MiB), rest: new Uint8Array(MiB / 2) }
  await aCheckpoint(fixture.store, first.job, 1, files)
  await fixture.store.finishRun(first.job, {
    jobStatus: 'queued',
    runStatus: 'released',
    reason: null,
  })
  const { heartbeats } = await seenByPool(await claim(first.job.jobId))

  expect(heartbeats).toBe(2 * piecesOfDataset + 4 + 2)
})
