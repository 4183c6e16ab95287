import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { deleteJob } from '../../../src/store/jobs/delete-job.ts'
import { cancelJob, pauseJob, stopJob } from '../../../src/store/jobs/set-intent.ts'
import type { RetentionPolicy } from '../../../src/store/retention/policy.ts'
import { survey } from '../../../src/store/retention/survey.ts'
import { aCheckpoint, aDataset, aProject, type TestStore, testStore } from '../support/seed.ts'
import {
  aFinishedJob,
  amountOf,
  aRunningJob,
  collectAll,
  collectOnce,
  endedDaysAgo,
  type Owner,
  startFrom,
} from './support/finished-jobs.ts'

const aMonth: RetentionPolicy = { checkpointDays: 30, historyDays: null }
const forEver: RetentionPolicy = { checkpointDays: null, historyDays: null }

let fixture: TestStore
let owner: Owner
beforeAll(async () => {
  fixture = await testStore()
  const { store } = fixture
  const projectId = await aProject(store)
  owner = { store, projectId, dataset: await aDataset(store, projectId) }
})
afterAll(() => fixture.dispose())

async function checkpointsOf(jobId: string): Promise<string[]> {
  const { rows } = await owner.store.checkpoints.list(jobId, { limit: 100, order: 'asc' })
  return rows.map(({ id }) => id)
}

/** I8 of the service's promises: no file without its owner. */
async function orphans(): Promise<number> {
  const { rows } = await owner.store.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM blobs WHERE
      NOT EXISTS (SELECT 1 FROM datasets WHERE blob_id = blobs.id)
      AND NOT EXISTS (SELECT 1 FROM weights WHERE blob_id = blobs.id)
      AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE blobs.id IN (c.blob_id, c.rest_blob_id))`,
  )
  return rows[0].n
}

test('they are kept for ever unless the policy says otherwise', async () => {
  const { jobId, checkpoints } = await aFinishedJob(owner, { daysAgo: 10_000 })

  expect(await collectAll(owner.store, forEver)).toEqual([])
  expect(await checkpointsOf(jobId)).toEqual(checkpoints)
  await collectAll(owner.store, aMonth)
})

test('they go with their files once their job has ended so many days ago, and the job says when', async () => {
  const old = await aFinishedJob(owner, { daysAgo: 31 })
  const young = await aFinishedJob(owner, { daysAgo: 29 })

  const collected = await collectAll(owner.store, aMonth)

  expect(collected).toEqual([
    { kind: 'checkpoints', projectId: owner.projectId, rows: 2, bytes: 10 },
  ])
  expect(await checkpointsOf(old.jobId)).toEqual([])
  expect(await checkpointsOf(young.jobId)).toEqual(young.checkpoints)
  const job = await owner.store.jobs.find(owner.projectId, old.jobId)
  expect(Date.now() - job!.checkpointsCollectedAt!.getTime()).toBeLessThan(10_000)
  expect(await owner.store.jobs.find(owner.projectId, young.jobId)).toMatchObject({
    checkpointsCollectedAt: null,
  })
  expect(await orphans()).toBe(0)
})

test('those of a job that has not ended stay, however old they are', async () => {
  const claim = await aRunningJob(owner)
  const id = await aCheckpoint(owner.store, claim, 1)
  await owner.store.db.query(`UPDATE checkpoints SET created_at = now() - interval '1 year'`)

  await collectAll(owner.store, { ...aMonth, checkpointDays: 0 })
  expect(await checkpointsOf(claim.jobId)).toEqual([id])
  await pauseJob(owner.store.db, owner.projectId, claim.jobId)
  await owner.store.finishRun(claim, { jobStatus: 'paused', runStatus: 'paused', reason: null })
  await collectAll(owner.store, { ...aMonth, checkpointDays: 0 })
  expect(await checkpointsOf(claim.jobId)).toEqual([id])
})

test('the weights of a job that was stopped while it rested stay, though its checkpoint shares their file', async () => {
  const claim = await aRunningJob(owner)
  await aCheckpoint(owner.store, claim, 1)
  await pauseJob(owner.store.db, owner.projectId, claim.jobId)
  await owner.store.finishRun(claim, { jobStatus: 'paused', runStatus: 'paused', reason: null })
  await owner.store.transaction((transaction) => stopJob(transaction, owner.projectId, claim.jobId))
  await endedDaysAgo(owner.store, claim.jobId, 31)
  const before = await owner.store.weights.find(owner.projectId, claim.jobId)

  const collected = await collectAll(owner.store, aMonth)

  expect(amountOf(collected, 'checkpoints')).toEqual({ rows: 1, bytes: 2 })
  const pieces = []
  for await (const piece of owner.store.readBlob(before!.blobId, { start: 0, end: 3 })) {
    pieces.push(piece)
  }
  expect(Buffer.concat(pieces)).toEqual(Buffer.from([1, 2, 3]))
  expect(await orphans()).toBe(0)
})

describe('from which an unfinished job starts', () => {
  test('stays until that job has ended, and goes then', async () => {
    const { jobId, checkpoints } = await aFinishedJob(owner, { daysAgo: 31 })
    const starting = await startFrom(owner, { jobId, checkpointId: checkpoints[0] })

    await collectAll(owner.store, aMonth)
    expect(await checkpointsOf(jobId)).toEqual([checkpoints[0]])
    await pauseJob(owner.store.db, owner.projectId, starting!)
    await collectAll(owner.store, aMonth)
    expect(await checkpointsOf(jobId)).toEqual([checkpoints[0]])

    await cancelJob(owner.store.db, owner.projectId, starting!)
    await collectAll(owner.store, aMonth)
    expect(await checkpointsOf(jobId)).toEqual([])
    expect(await orphans()).toBe(0)
  })

  test('is not waited for while that job is just being made', async () => {
    const { jobId, checkpoints } = await aFinishedJob(owner, { daysAgo: 31, steps: 1 })
    await owner.store.transaction(async (transaction) => {
      await transaction.query('SELECT 1 FROM checkpoints WHERE id = $1 FOR KEY SHARE', [
        checkpoints[0],
      ])
      expect(await collectOnce(owner.store, aMonth)).toEqual([])
    })
    expect(await checkpointsOf(jobId)).toEqual(checkpoints)
    await collectAll(owner.store, aMonth)
  })

  test('is there, or the job is not made, however the two meet', async () => {
    let [made, refused] = [0, 0]
    for (let round = 0; round < 60; round++) {
      const { jobId, checkpoints } = await aFinishedJob(owner, { daysAgo: 31, steps: 1 })
      const [checkpointId] = checkpoints
      const [starting] = await Promise.all([
        startFrom(owner, { jobId, checkpointId }),
        new Promise((resolve) => setTimeout(resolve, round % 6)).then(() =>
          collectOnce(owner.store, aMonth),
        ),
      ])
      if (starting === null) refused += 1
      else made += 1
      expect(await checkpointsOf(jobId)).toEqual(starting === null ? [] : checkpoints)
      if (starting) await cancelJob(owner.store.db, owner.projectId, starting)
      await collectAll(owner.store, aMonth)
    }
    expect(made).toBeGreaterThan(0)
    expect(await orphans()).toBe(0)
    expect(refused + made).toBe(60)
  })
})

describe('that a job left to others when it started over', () => {
  async function aLeftOver() {
    const claim = await aRunningJob(owner)
    const checkpointId = await aCheckpoint(owner.store, claim, 1)
    const starting = await startFrom(owner, { jobId: claim.jobId, checkpointId })
    await owner.store.startOver(claim, 2)
    return { claim, checkpointId, starting: starting! }
  }

  test('goes once no other needs it, without a policy and while its job runs', async () => {
    const { claim, checkpointId, starting } = await aLeftOver()
    const current = await aCheckpoint(owner.store, claim, 1)
    expect(await survey(owner.store.db, forEver)).toEqual([])
    expect(await collectAll(owner.store, forEver)).toEqual([])
    expect(await checkpointsOf(claim.jobId)).toEqual([checkpointId, current])

    await cancelJob(owner.store.db, owner.projectId, starting)
    // What holds the row of its job, as the renewal of a lease does, is not waited for.
    const collected = await owner.store.transaction(async (transaction) => {
      await transaction.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [claim.jobId])
      return collectOnce(owner.store, forEver)
    })

    expect(collected).toEqual([
      { kind: 'checkpoints', projectId: owner.projectId, rows: 1, bytes: 5 },
    ])
    expect(await checkpointsOf(claim.jobId)).toEqual([current])
    expect(await owner.store.jobs.find(owner.projectId, claim.jobId)).toMatchObject({
      checkpointsCollectedAt: null,
    })
    expect(await orphans()).toBe(0)
  })
})

test('a transaction removes no more than 64 MiB, or one checkpoint', async () => {
  const big = await aFinishedJob(owner, { daysAgo: 33, steps: 3 })
  const blobs = await owner.store.db.query<{ blob_id: string }>(
    'SELECT blob_id FROM checkpoints WHERE job_id = $1',
    [big.jobId],
  )
  for (const { blob_id } of blobs.rows) {
    await owner.store.db.query('UPDATE checkpoints SET bytes = 40000000 WHERE blob_id = $1', [
      blob_id,
    ])
  }
  const batches = []
  for (;;) {
    const batch = await collectOnce(owner.store, aMonth)
    if (batch.length === 0) break
    batches.push(amountOf(batch, 'checkpoints').rows)
  }
  expect(batches).toEqual([1, 1, 1])
})

test('nobody is waited for: a job that another transaction holds is left for the next pass', async () => {
  const { jobId, checkpoints } = await aFinishedJob(owner, { daysAgo: 31 })
  await owner.store.transaction(async (transaction) => {
    await transaction.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [jobId])
    expect(await collectOnce(owner.store, aMonth)).toEqual([])
  })
  expect(await checkpointsOf(jobId)).toEqual(checkpoints)
  await collectAll(owner.store, aMonth)
  expect(await checkpointsOf(jobId)).toEqual([])
})

test('a job can be deleted while its checkpoints are collected, and neither fails', async () => {
  for (let round = 0; round < 30; round++) {
    const { jobId } = await aFinishedJob(owner, { daysAgo: 31 })
    const [deleted] = await Promise.all([
      owner.store.transaction((transaction) => deleteJob(transaction, owner.projectId, jobId)),
      collectAll(owner.store, aMonth),
    ])
    expect(deleted).toEqual({ outcome: 'deleted' })
  }
  expect(await orphans()).toBe(0)
})

test('one process collects at a time', async () => {
  const held = vi.fn()
  await owner.store.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock(7272003)')
    held(await owner.store.collectAsLeader())
  })
  expect(held).toHaveBeenCalledWith(null)
  expect(await owner.store.collectAsLeader()).toEqual([])
})
