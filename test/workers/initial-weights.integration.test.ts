/** @file Jobs that start from what another has left: the same bits, however often they are taken over. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Progress } from '../../src/contract/jobs.ts'
import { deleteJob } from '../../src/store/jobs/delete-job.ts'
import { pauseJob, stopJob } from '../../src/store/jobs/set-intent.ts'
import { fromJson } from '../../src/store/json.ts'
import { loseLease } from './support/lose-lease.ts'
import { aYard, type Yard } from './support/yard.ts'

let yard: Yard

beforeEach(async () => {
  yard = await aYard({ name: 'postgres' })
})
afterEach(() => yard.dispose())

const short = { steps: 50, seed: 3 }

/** A second or more of training: with dropout, shuffling and validation. */
const long = {
  epochs: 150_000,
  seed: 5,
  optimizer: { type: 'adamw', learning_rate: 0.001 },
  validation: { fraction: 0.25 },
}

const stepOf = async (jobId: string) =>
  Number(fromJson<Progress>((await yard.job(jobId)).progress).step)

const removed = (jobId: string) =>
  yard.store.transaction((transaction) => deleteJob(transaction, yard.projectId, jobId))

/** Its weights are those of its checkpoint. */
async function aStoppedJob(): Promise<{ job: string; checkpoint: string }> {
  const { store, projectId } = yard
  const job = await yard.submit(long)
  await expect.poll(() => stepOf(job), { timeout: 15_000 }).toBeGreaterThan(0)
  await pauseJob(store.db, projectId, job)
  await yard.untilStatus(job, 'paused')
  await store.transaction((transaction) => stopJob(transaction, projectId, job))
  const { rows } = await store.checkpoints.list(job, { limit: 1, order: 'desc' })
  if (!rows[0]) throw new Error('Expected a checkpoint.')
  return { job, checkpoint: rows[0].id }
}

test('a job that starts from the final weights has the bits of one that starts from a checkpoint of them', async () => {
  yard.work({ threads: 2 })
  const { job, checkpoint } = await aStoppedJob()
  const ids = [
    await yard.submit(short, { init_from: { job } }),
    await yard.submit(short, { init_from: { job, checkpoint } }),
    await yard.submit(short),
  ]
  const ended = []
  for (const id of ids) ended.push(await yard.untilEnded(id))
  const [fromJob, fromCheckpoint, fresh] = ended.map(({ weights }) => weights?.sha256)

  expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(fromJob).toBe(fromCheckpoint)
  expect(fromJob).not.toBe(fresh)
})

test('taken over before its first checkpoint it reads them again: they are there, whoever deletes them', async () => {
  yard.work({ threads: 2 })
  const source = (await yard.untilEnded(await yard.submit(short))).id
  const init_from = { job: source }
  const [id, reference] = [
    await yard.submit(long, { init_from }),
    await yard.submit(long, { init_from }),
  ]
  await expect.poll(() => stepOf(id), { timeout: 15_000 }).toBeGreaterThan(0)
  const refused = await removed(source)
  await loseLease(yard, id)
  const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

  const users = [id, reference].sort().map((jobId) => ({ jobId, of: 'weights' }))
  expect(refused).toEqual({ outcome: 'used', users })
  expect((await yard.store.checkpoints.list(id, { limit: 1, order: 'asc' })).rows).toEqual([])
  expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(job.weights?.sha256).toBe(undisturbed.weights?.sha256)
  expect(await yard.store.readLosses(id, { maxPoints: 100_000 })).toEqual(
    await yard.store.readLosses(reference, { maxPoints: 100_000 }),
  )
  expect(await removed(source)).toEqual({ outcome: 'deleted' })
})

test('where they are damaged it fails, and says why', async () => {
  yard.work()
  const source = (await yard.untilEnded(await yard.submit(short))).id
  await yard.store.db.query(`UPDATE weights SET sha256 = 'x' WHERE job_id = $1`, [source])
  const id = await yard.submit(short, { init_from: { job: source } })

  expect(await yard.untilEnded(id)).toMatchObject({
    status: 'failed',
    attempt: 1,
    statusReason: { code: 'invalid_data', message: expect.stringContaining('gone or damaged') },
  })
})
