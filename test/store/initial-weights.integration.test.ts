/** @file The weights that a job leaves, and jobs that start from them. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { findInitialWeights, useInitialWeights } from '../../src/store/initial-weights.ts'
import { type DeleteJobOutcome, deleteJob } from '../../src/store/jobs/delete-job.ts'
import { cancelJob } from '../../src/store/jobs/set-intent.ts'
import { collectAll, startFrom } from './retention/support/finished-jobs.ts'
import {
  aCheckpoint,
  aDataset,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from './support/seed.ts'

let fixture: TestStore
let projectId: string
let dataset: string

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())
beforeEach(async () => {
  await fixture.store.db.query('DELETE FROM jobs')
  await fixture.store.db.query('DELETE FROM blobs WHERE id NOT IN (SELECT blob_id FROM datasets)')
  projectId = await aProject(fixture.store)
  dataset = await aDataset(fixture.store, projectId)
})

async function aSucceededJob({ withCheckpoint = false } = {}): Promise<string> {
  await aQueuedJob(fixture.store, projectId, dataset)
  const claim = await fixture.store.claimNext(aWorker)
  if (!claim) throw new Error('Expected a job to claim.')
  if (withCheckpoint) await aCheckpoint(fixture.store, claim, 1)
  await fixture.store.finishRun(claim, {
    jobStatus: 'succeeded',
    runStatus: 'succeeded',
    reason: null,
    weights: {
      content: new Uint8Array([1, 2, 3, 4]),
      preprocessing: {
        version: 1,
        inputs: 0,
        features: [],
        target: { task: 'regression', columns: [] },
      },
    },
  })
  return claim.jobId
}

const removed = (jobId: string) =>
  fixture.store.transaction((transaction) => deleteJob(transaction, projectId, jobId))

const start = (jobId: string, checkpointId?: string) =>
  startFrom({ store: fixture.store, projectId, dataset }, { jobId, checkpointId })

/** For a lock, in this database. */
async function untilSomebodyWaits(): Promise<void> {
  await vi.waitFor(async () => {
    const { rowCount } = await fixture.store.db.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    expect(rowCount).toBeGreaterThan(0)
  }, 5_000)
}

test('they are found by the job alone, in its own project, once it has left them', async () => {
  const { db } = fixture.store
  const job = await aSucceededJob({ withCheckpoint: true })
  const neighbor = await aProject(fixture.store)

  expect(await findInitialWeights(db, projectId, { job })).toMatchObject({ bytes: 4 })
  expect(await findInitialWeights(db, neighbor, { job })).toBe('no_job')
  expect(await findInitialWeights(db, projectId, { job: newId('job') })).toBe('no_job')
  const checkpoint = newId('checkpoint')
  expect(await findInitialWeights(db, projectId, { job, checkpoint })).toBe('no_checkpoint')
  const queued = await aQueuedJob(fixture.store, projectId, dataset)
  expect(await findInitialWeights(db, projectId, { job: queued })).toBe('queued')
})

test('nobody uses those of another project, or of a job without', async () => {
  const { db } = fixture.store
  const neighbors = await aSucceededJob()
  projectId = await aProject(fixture.store)
  dataset = await aDataset(fixture.store, projectId)
  const starting = await aQueuedJob(fixture.store, projectId, dataset)

  expect(await useInitialWeights(db, projectId, starting, { job: neighbors })).toBe(false)
  expect(await useInitialWeights(db, projectId, starting, { job: starting })).toBe(false)
})

test('while an unfinished job starts from them, theirs is not deleted; then it goes whole', async () => {
  const job = await aSucceededJob({ withCheckpoint: true })
  const starting = await start(job)
  if (!starting) throw new Error('Expected a job.')

  expect(await removed(job)).toEqual({
    outcome: 'used',
    users: [{ jobId: starting, of: 'weights' }],
  })
  await cancelJob(fixture.store.db, projectId, starting)
  expect(await removed(job)).toEqual({ outcome: 'deleted' })
  const { rows } = await fixture.store.db.query('SELECT id FROM blobs WHERE project_id = $1', [
    projectId,
  ])
  expect(rows).toHaveLength(1) // the dataset's
})

test('the deletion says of each job what it starts from', async () => {
  const job = await aSucceededJob({ withCheckpoint: true })
  const { rows } = await fixture.store.checkpoints.list(job, { limit: 1, order: 'desc' })
  const users = [
    { jobId: await start(job), of: 'weights' },
    { jobId: await start(job, rows[0]?.id), of: 'checkpoint' },
  ]

  expect(await removed(job)).toEqual({ outcome: 'used', users })
})

test('a deletion waits for a job that is just being made, and then is refused', async () => {
  const job = await aSucceededJob()
  const starting = await aQueuedJob(fixture.store, projectId, dataset)
  let removal: Promise<DeleteJobOutcome> | undefined
  await fixture.store.transaction(async (transaction) => {
    expect(await useInitialWeights(transaction, projectId, starting, { job })).toBe(true)
    removal = removed(job)
    await untilSomebodyWaits()
  })

  expect(await removal).toMatchObject({ outcome: 'used', users: [{ jobId: starting }] })
  expect(await findInitialWeights(fixture.store.db, projectId, { job })).toMatchObject({ bytes: 4 })
})

test('a job that is made while they are just being deleted waits, and finds none', async () => {
  const job = await aSucceededJob()
  let starting: Promise<string | null> | undefined
  await fixture.store.transaction(async (transaction) => {
    expect(await deleteJob(transaction, projectId, job)).toEqual({ outcome: 'deleted' })
    starting = start(job)
    await untilSomebodyWaits()
  })

  expect(await starting).toBeNull()
  const { rows } = await fixture.store.db.query('SELECT id FROM jobs WHERE project_id = $1', [
    projectId,
  ])
  expect(rows).toEqual([])
})

test('they outlive the checkpoints of their job', async () => {
  const job = await aSucceededJob({ withCheckpoint: true })
  await start(job)
  await collectAll(fixture.store, { checkpointDays: 0, historyDays: 0 })

  expect(await fixture.store.readResumable(job)).toEqual([])
  expect(await findInitialWeights(fixture.store.db, projectId, { job })).toMatchObject({ bytes: 4 })
})
