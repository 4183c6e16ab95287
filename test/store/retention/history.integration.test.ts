import { afterAll, beforeAll, expect, test } from 'vitest'

import { deleteJob } from '../../../src/store/jobs/delete-job.ts'
import { readTotals } from '../../../src/store/retention/collected.ts'
import { openCollector } from '../../../src/store/retention/open-collector.ts'
import type { RetentionPolicy } from '../../../src/store/retention/policy.ts'
import { aDataset, aProject, type TestStore, testStore } from '../support/seed.ts'
import {
  aFinishedJob,
  amountOf,
  aRunningJob,
  collectAll,
  collectOnce,
  type Owner,
} from './support/finished-jobs.ts'

const aYear: RetentionPolicy = { checkpointDays: null, historyDays: 365 }
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

const lossesOf = (jobId: string) => owner.store.readLosses(jobId, { maxPoints: 100 })
const eventsOf = (jobId: string) => owner.store.readEvents(jobId, 0, 1_000)
const jobOf = (jobId: string) => owner.store.jobs.find(owner.projectId, jobId)

test('losses and events are kept for ever unless the policy says otherwise', async () => {
  const { jobId } = await aFinishedJob(owner, { daysAgo: 10_000 })
  expect(await collectAll(owner.store, forEver)).toEqual([])
  expect(await lossesOf(jobId)).toHaveLength(1)
  await collectAll(owner.store, aYear)
})

test('they go together, the last event and the final metrics stay, and all say since when', async () => {
  const old = await aFinishedJob(owner, { daysAgo: 366 })
  const young = await aFinishedJob(owner, { daysAgo: 364 })
  const running = await aRunningJob(owner)
  const before = await jobOf(old.jobId)
  const events = await eventsOf(old.jobId)

  const collected = await collectAll(owner.store, aYear)

  expect(amountOf(collected, 'losses').rows).toBe(2)
  expect(amountOf(collected, 'events').rows).toBe(events.length - 1)
  expect(amountOf(collected, 'events').bytes).toBeGreaterThan(100)
  expect(await lossesOf(old.jobId)).toEqual([])
  const job = await jobOf(old.jobId)
  expect(Date.now() - job!.historyCollectedAt!.getTime()).toBeLessThan(10_000)
  expect(job).toEqual({ ...before, historyCollectedAt: job!.historyCollectedAt })
  const [end, ...others] = await eventsOf(old.jobId)
  expect(others).toEqual([])
  expect(end).toMatchObject({ type: 'end', seq: events.length, data: { status: 'failed' } })
  expect(Object.keys(end.data)).toContain('collected_at')

  expect(await lossesOf(young.jobId)).toHaveLength(1)
  expect(await jobOf(young.jobId)).toMatchObject({ historyCollectedAt: null })
  expect(await jobOf(running.jobId)).toMatchObject({ historyCollectedAt: null })
  expect(await collectAll(owner.store, aYear)).toEqual([])
})

test('of a long history a transaction removes one job alone, whole', async () => {
  const jobs = []
  for (let job = 0; job < 3; job++) jobs.push(await aFinishedJob(owner, { daysAgo: 400 - job }))
  for (const { jobId } of jobs) {
    await owner.store.db.query(
      `INSERT INTO losses SELECT $1, 'loss', step, 0, 1 FROM generate_series(10, 15000) AS step`,
      [jobId],
    )
  }
  const batches = []
  for (;;) {
    const batch = await collectOnce(owner.store, aYear)
    if (batch.length === 0) break
    batches.push(amountOf(batch, 'losses').rows)
  }
  expect(batches).toEqual([14_993, 14_993, 14_993])
})

test('nobody is waited for, and a job can be deleted meanwhile', async () => {
  const { jobId } = await aFinishedJob(owner, { daysAgo: 366 })
  await owner.store.transaction(async (transaction) => {
    await transaction.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [jobId])
    expect(await collectOnce(owner.store, aYear)).toEqual([])
  })
  for (let round = 0; round < 20; round++) {
    const job = await aFinishedJob(owner, { daysAgo: 366 })
    const [deleted] = await Promise.all([
      owner.store.transaction((transaction) => deleteJob(transaction, owner.projectId, job.jobId)),
      collectAll(owner.store, aYear),
    ])
    expect(deleted).toEqual({ outcome: 'deleted' })
  }
})

test('a dry run says what is removed next, to the byte, and removes nothing; the totals count it', async () => {
  const { store, projectId } = owner
  const policy = { checkpointDays: 30, historyDays: 365 }
  await collectAll(store, policy)
  const other = await aProject(store)
  await aFinishedJob(owner, { daysAgo: 366 })
  await aFinishedJob(
    { store, projectId: other, dataset: await aDataset(store, other) },
    {
      daysAgo: 366,
    },
  )
  for (const [key, of, age] of [
    ['old', projectId, '25 hours'],
    ['instance', `key_${'0'.repeat(32)}`, '25 hours'],
    ['young', projectId, '23 hours'],
  ]) {
    await store.db.query(
      `INSERT INTO idempotency_keys VALUES ($1, $2, '', 200, '{}', now() - $3::interval)`,
      [of, key, age],
    )
  }
  const collector = await openCollector(fixture.database.url, policy)
  const before = await readTotals(store.db)

  const survey = await collector.survey()
  expect(await collector.survey()).toEqual(survey)
  const removed = []
  for (;;) {
    const batch = await collector.collect()
    if (batch.length === 0) break
    removed.push(...batch)
  }
  await collector.close()

  expect(inOrder(removed)).toEqual(inOrder(survey))
  expect(new Set(survey.map(({ projectId }) => projectId))).toEqual(
    new Set([projectId, other, null]),
  )
  expect(amountOf(survey, 'checkpoints')).toEqual({ rows: 4, bytes: 20 })
  expect(amountOf(survey, 'idempotency_keys').rows).toBe(2)
  const after = await readTotals(store.db)
  for (const kind of ['checkpoints', 'losses', 'events', 'idempotency_keys'] as const) {
    const { rows, bytes } = amountOf(removed, kind)
    const earlier = before.get(kind) ?? { rows: 0, bytes: 0 }
    expect(after.get(kind), kind).toEqual({
      rows: earlier.rows + rows,
      bytes: earlier.bytes + bytes,
    })
  }
})

/** One row for each kind and project, as small batches may have made several. */
function inOrder(collected: Awaited<ReturnType<typeof collectAll>>) {
  const sums = new Map<string, { rows: number; bytes: number }>()
  for (const { kind, projectId, rows, bytes } of collected) {
    const name = `${kind} ${projectId}`
    const sum = sums.get(name) ?? { rows: 0, bytes: 0 }
    sums.set(name, { rows: sum.rows + rows, bytes: sum.bytes + bytes })
  }
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1))
}
