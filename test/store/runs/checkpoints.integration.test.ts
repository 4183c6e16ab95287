/** @file Checkpoints in the store, and what becomes of a job that has one when its run is over. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { JobStatus } from '../../../src/contract/jobs.ts'
import { useCheckpoint } from '../../../src/store/checkpoints/checkpoint-uses.ts'
import { deleteJob } from '../../../src/store/jobs/delete-job.ts'
import type { JobRow } from '../../../src/store/jobs/read-jobs.ts'
import {
  cancelJob,
  type IntentOutcome,
  pauseJob,
  resumeJob,
  stopJob,
} from '../../../src/store/jobs/set-intent.ts'
import { succeedFromCheckpoint } from '../../../src/store/jobs/succeed-from-checkpoint.ts'
import type { ClaimedJob } from '../../../src/store/runs/claim-next.ts'
import type { RunEnd } from '../../../src/store/runs/finish-runs.ts'
import {
  aCheckpoint,
  aDataset,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from '../support/seed.ts'

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

async function aClaimedJob(): Promise<ClaimedJob> {
  await aQueuedJob(fixture.store, projectId, dataset)
  const claim = await fixture.store.claimNext(aWorker)
  if (!claim) throw new Error('Expected a job to claim.')
  return claim
}

const jobOf = async ({ jobId }: { jobId: string }): Promise<JobRow> => {
  const job = await fixture.store.jobs.find(projectId, jobId)
  if (!job) throw new Error('Expected the job.')
  return job
}

async function loseWorker({ jobId }: ClaimedJob): Promise<void> {
  await fixture.store.db.query(
    `UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`,
    [jobId],
  )
  await fixture.store.reclaimExpiredAsLeader()
}

/** For a lock, in this database. */
async function untilSomebodyWaits(): Promise<void> {
  await vi.waitFor(async () => {
    const { rowCount } = await fixture.store.db.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    expect(rowCount).toBeGreaterThan(0)
  }, 5_000)
}

async function countBlobs(): Promise<number> {
  const { rows } = await fixture.store.db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM blobs WHERE id NOT IN (SELECT blob_id FROM datasets)',
  )
  return rows[0]?.n ?? -1
}

const crashed: RunEnd = {
  jobStatus: 'queued',
  runStatus: 'crashed',
  reason: { code: 'thread_crashed', message: 'exit 1' },
  crashed: true,
}

describe('a checkpoint', () => {
  test('is there with its event, its files and the loss at its step', async () => {
    const claim = await aClaimedJob()
    const progress = { step: 2, steps: 10, epoch: 0, epochs: 1, eta_seconds: null }
    const points = [1, 2, 3].map((step) => ({ name: 'loss', step, value: 10 - step }))
    await fixture.store.writeProgress(claim, { progress, points })
    const id = await aCheckpoint(fixture.store, claim, 2)
    const [checkpoint] = await fixture.store.readResumable(claim.jobId)
    const files = [checkpoint?.weights, checkpoint?.rest].map(
      async (blob) => blob && (await fixture.store.readChecked(blob)),
    )

    expect(checkpoint).toMatchObject({ id, step: 2 })
    expect((await Promise.all(files)).map((file) => file && [...new Uint8Array(file)])).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
    const { rows } = await fixture.store.checkpoints.list(claim.jobId, { limit: 5, order: 'asc' })
    expect(rows).toMatchObject([{ id, metric: 8, best: true }])
    const last = (await fixture.store.readEvents(claim.jobId, 0, 10)).at(-1)
    expect(last).toMatchObject({ type: 'checkpoint', data: { checkpoint: id, step: 2, epoch: 0 } })
  })

  test('under an old fence is not written, and leaves no chunk', async () => {
    const old = await aClaimedJob()
    await loseWorker(old)
    await fixture.store.claimNext(aWorker)

    await expect(aCheckpoint(fixture.store, old, 2)).rejects.toThrow('not written')
    expect(await countBlobs()).toBe(0)
  })

  test('is written once, also where the answer to its commit was lost', async () => {
    const claim = await aClaimedJob()
    const id = await aCheckpoint(fixture.store, claim, 2)

    expect(await aCheckpoint(fixture.store, claim, 2)).toBe(id)
    expect(await countBlobs()).toBe(2)
  })

  test('begins the count of crashes anew', async () => {
    const jobs = [await aClaimedJob()]
    for (let i = 0; i < 4; i++) {
      const claim = jobs.at(-1)
      if (!claim) throw new Error('Expected a job to claim.')
      await aCheckpoint(fixture.store, claim, i + 1)
      expect(await fixture.store.finishRun(claim, crashed)).toBe('queued')
      const next: ClaimedJob | null = await fixture.store.claimNext(aWorker)
      if (next) jobs.push(next)
    }

    expect(jobs.at(-1)?.attempt).toBe(5)
  })

  test('does not save a job that crashes at the same step each time', async () => {
    let claim: ClaimedJob | null = await aClaimedJob()
    const ends = []
    // Steps 1 and 2 are passed with a checkpoint, nobody gets beyond.
    for (const step of [1, 2, null, null]) {
      if (!claim) throw new Error('Expected a job to claim.')
      if (step !== null) await aCheckpoint(fixture.store, claim, step)
      ends.push(await fixture.store.finishRun(claim, crashed))
      claim = await fixture.store.claimNext(aWorker)
    }

    expect(ends).toEqual(['queued', 'queued', 'queued', 'failed'])
    expect(claim).toBeNull()
  })

  test('goes when two newer ones are there, unless it is the best', async () => {
    const claim = await aClaimedJob()
    const values = [5, 1, 4, 3, 2]
    for (const [i, value] of values.entries()) {
      const progress = { step: i + 1, steps: 10, epoch: 0, epochs: 1, eta_seconds: null }
      const points = [{ name: 'loss', step: i + 1, value }]
      await fixture.store.writeProgress(claim, { progress, points })
      await aCheckpoint(fixture.store, claim, i + 1)
      await fixture.store.pruneCheckpoints(claim)
    }
    const { rows } = await fixture.store.checkpoints.list(claim.jobId, { limit: 9, order: 'asc' })

    expect(rows.map(({ step, best }) => [step, best])).toEqual([
      [2, true],
      [4, false],
      [5, false],
    ])
    expect(await countBlobs()).toBe(6)
  })

  test('from which an unfinished job starts stays as long', async () => {
    const claim = await aClaimedJob()
    const checkpoint = await aCheckpoint(fixture.store, claim, 1)
    const starting = await aQueuedJob(fixture.store, projectId, dataset)
    const name = { job: claim.jobId, checkpoint }
    expect(await useCheckpoint(fixture.store.db, starting, name)).toBe(true)
    const steps = async () => {
      await fixture.store.pruneCheckpoints(claim)
      return (await fixture.store.readResumable(claim.jobId)).map(({ step }) => step)
    }
    for (const step of [2, 3, 4]) await aCheckpoint(fixture.store, claim, step)
    expect(await steps()).toEqual([4, 3, 1])
    await cancelJob(fixture.store.db, projectId, starting)

    expect(await steps()).toEqual([4, 3])
    expect(await useCheckpoint(fixture.store.db, starting, name)).toBe(false)
  })

  const removals: [string, (claim: ClaimedJob) => Promise<unknown>][] = [
    ['newer checkpoints', (claim) => fixture.store.pruneCheckpoints(claim)],
    [
      'the deletion of its job',
      async (claim) => {
        await fixture.store.finishRun(claim, {
          jobStatus: 'succeeded',
          runStatus: 'succeeded',
          reason: null,
        })
        return fixture.store.transaction((db) => deleteJob(db, projectId, claim.jobId))
      },
    ],
  ]

  test.each(removals)('from which a job is just being made stays: %s', async (_name, remove) => {
    const claim = await aClaimedJob()
    const checkpoint = await aCheckpoint(fixture.store, claim, 1)
    for (const step of [2, 3]) await aCheckpoint(fixture.store, claim, step)
    const name = { job: claim.jobId, checkpoint }
    const starting = await aQueuedJob(fixture.store, projectId, dataset)
    let removal: Promise<unknown> | undefined
    await fixture.store.transaction(async (transaction) => {
      expect(await useCheckpoint(transaction, starting, name)).toBe(true)
      removal = remove(claim)
      await untilSomebodyWaits()
    })
    await removal

    expect(await fixture.store.findInitialWeights(projectId, name)).toMatchObject({ bytes: 3 })
  })

  test('is not removed by a run that has lost its claim', async () => {
    const old = await aClaimedJob()
    for (const step of [1, 2, 3]) await aCheckpoint(fixture.store, old, step)
    await loseWorker(old)
    await fixture.store.pruneCheckpoints(old)

    expect(await fixture.store.readResumable(old.jobId)).toHaveLength(3)
  })

  test('of a job that starts over goes with its losses', async () => {
    const claim = await aClaimedJob()
    await aCheckpoint(fixture.store, claim, 2)
    await fixture.store.startOver(claim, 2)

    expect(await fixture.store.readResumable(claim.jobId)).toEqual([])
    expect(await countBlobs()).toBe(0)
  })
})

test('a job that starts over leaves a checkpoint to those that use it, and writes its step again', async () => {
  const claim = await aClaimedJob()
  const checkpoint = await aCheckpoint(fixture.store, claim, 2)
  const name = { job: claim.jobId, checkpoint }
  const starting = await aQueuedJob(fixture.store, projectId, dataset)
  await useCheckpoint(fixture.store.db, starting, name)
  await fixture.store.startOver(claim, 2)
  const resumable = async () => (await fixture.store.readResumable(claim.jobId)).map(({ id }) => id)

  expect(await resumable()).toEqual([])
  const again = await aCheckpoint(fixture.store, claim, 2)
  expect(again).not.toBe(checkpoint)
  expect(await resumable()).toEqual([again])
  await fixture.store.pruneCheckpoints(claim)
  expect(await fixture.store.findInitialWeights(projectId, name)).toMatchObject({ bytes: 3 })
  await cancelJob(fixture.store.db, projectId, starting)
  await fixture.store.pruneCheckpoints(claim)
  expect(await fixture.store.findInitialWeights(projectId, name)).toBe('no_checkpoint')
})

const intents = {
  pause: (claim: ClaimedJob) => pauseJob(fixture.store.db, projectId, claim.jobId),
  stop: (claim: ClaimedJob) =>
    fixture.store.transaction((db) => stopJob(db, projectId, claim.jobId)),
} satisfies Record<string, (claim: ClaimedJob) => Promise<IntentOutcome>>

const ends: [string, (claim: ClaimedJob) => Promise<unknown>][] = [
  ['a crash', (claim) => fixture.store.finishRun(claim, crashed)],
  ['an expired lease', loseWorker],
]

describe.each(ends)('after %s a running job', (_name, end) => {
  const cells: ['none' | 'pause' | 'stop', boolean, JobStatus, string][] = [
    ['none', true, 'queued', 'none'],
    ['pause', false, 'paused', 'none'],
    ['pause', true, 'paused', 'none'],
    ['stop', false, 'queued', 'stop'],
    ['stop', true, 'succeeded', 'stop'],
  ]

  test.each(cells)(
    'that was asked for %s, with a checkpoint: %s, is %s',
    async (asked, hasCheckpoint, status, intent) => {
      const claim = await aClaimedJob()
      if (hasCheckpoint) await aCheckpoint(fixture.store, claim, 3)
      if (asked !== 'none') await intents[asked](claim)
      await end(claim)
      const job = await jobOf(claim)

      expect(job).toMatchObject({ status, intent, owner: null })
      expect(job.weights !== null).toBe(status === 'succeeded')
      const events = await fixture.store.readEvents(claim.jobId, 0, 20)
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
      expect(events.at(-1)?.type).toBe(status === 'succeeded' ? 'end' : 'status')
      const resumable = await fixture.store.readResumable(claim.jobId)
      expect(resumable.map(({ step }) => step)).toEqual(hasCheckpoint ? [3] : [])
    },
  )
})

const paused: RunEnd = { jobStatus: 'paused', runStatus: 'paused', reason: null }
const released: RunEnd = { jobStatus: 'queued', runStatus: 'released', reason: null }

describe('a worker that pauses a job', () => {
  test('leaves it to nobody until it is resumed, and then to anybody', async () => {
    const claim = await aClaimedJob()
    await intents.pause(claim)
    expect(await fixture.store.finishRun(claim, paused)).toBe('paused')
    expect(await fixture.store.claimNext(aWorker)).toBeNull()
    await resumeJob(fixture.store.db, projectId, claim.jobId)

    expect(await fixture.store.claimNext({ ...aWorker, worker: 'other:1' })).toMatchObject({
      jobId: claim.jobId,
      attempt: 2,
      intent: 'none',
    })
  })

  test('and was asked for a stop meanwhile: the checkpoint is the result, or the job is claimed again', async () => {
    const [one, other] = [await aClaimedJob(), await aClaimedJob()]
    await aCheckpoint(fixture.store, one, 3)
    for (const claim of [one, other]) {
      await intents.pause(claim)
      await intents.stop(claim)
    }

    expect(await fixture.store.finishRun(one, paused)).toBe('succeeded')
    expect(await fixture.store.finishRun(other, paused)).toBe('queued')
  })

  test('and must go itself: it is paused all the same', async () => {
    const claim = await aClaimedJob()
    await intents.pause(claim)

    expect(await fixture.store.finishRun(claim, released)).toBe('paused')
    expect(await jobOf(claim)).toMatchObject({
      intent: 'none',
      statusReason: { code: 'paused_by_client' },
    })
  })

  test('comes too late where it has a result', async () => {
    const claim = await aClaimedJob()
    await intents.pause(claim)
    const succeeded: RunEnd = { jobStatus: 'succeeded', runStatus: 'succeeded', reason: null }

    expect(await fixture.store.finishRun(claim, succeeded)).toBe('succeeded')
  })
})

test.each([
  ['none', false, 'paused'],
  ['stop', true, 'succeeded'],
] as const)(
  'a pause between a run’s end and its checkpoint as the result, asked for %s: it is the result: %s',
  async (asked, isResult, status) => {
    const claim = await aClaimedJob()
    await aCheckpoint(fixture.store, claim, 3)
    await fixture.store.db.query(`UPDATE jobs SET status = 'queued', intent = $2 WHERE id = $1`, [
      claim.jobId,
      asked,
    ])
    await intents.pause(claim)

    expect(await succeedFromCheckpoint(fixture.store.db, claim.jobId)).toBe(isResult)
    expect(await jobOf(claim)).toMatchObject({ status })
  },
)

test('a stopped job has no loss of a step that an earlier run reached and its weights did not', async () => {
  const claim = await aClaimedJob()
  const progress = { step: 9, steps: 10, epoch: 0, epochs: 1, eta_seconds: null }
  const points = [3, 6, 9].map((step) => ({ name: 'loss', step, value: step }))
  await fixture.store.writeProgress(claim, { progress, points })
  await loseWorker(claim)
  const again = await fixture.store.claimNext(aWorker)
  if (!again) throw new Error('Expected a job to claim.')
  await fixture.store.finishRun(again, {
    jobStatus: 'succeeded',
    runStatus: 'succeeded',
    reason: null,
    lastStep: 7,
    unwritten: {
      progress: { ...progress, step: 7 },
      points: [{ name: 'loss', step: 7, value: 7 }],
    },
  })
  const [series] = await fixture.store.readLosses(claim.jobId, { maxPoints: 100 })

  expect(series?.points.map(({ step }) => step)).toEqual([3, 6, 7])
})
