import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Preprocessing } from '../../../src/contract/preprocessing.ts'
import { chunkBytes } from '../../../src/store/blobs/chunks.ts'
import { cancelJob } from '../../../src/store/jobs/set-intent.ts'
import type { Claim } from '../../../src/store/runs/claim-next.ts'
import type { RunEnd } from '../../../src/store/runs/finish-runs.ts'
import {
  aCheckpoint,
  aDataset,
  aPlan,
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
  // Every test starts with nothing to claim.
  await fixture.store.db.query('DELETE FROM jobs')
  await fixture.store.db.query('DELETE FROM outbox')
  projectId = await aProject(fixture.store)
  dataset = await aDataset(fixture.store, projectId)
})

const succeeded: RunEnd = {
  jobStatus: 'succeeded',
  runStatus: 'succeeded',
  reason: null,
  metrics: { loss: 0.5 },
}
const progress = (step: number) => ({
  progress: { step, steps: 10, epoch: step, epochs: 10, eta_seconds: null },
  points: [{ name: 'loss', step, value: 1 / step }],
})

async function pointsOf(jobId: string) {
  const series = await fixture.store.readLosses(jobId, { maxPoints: 1_000 })
  return series.flatMap(({ points }) => points)
}

async function expireLease(jobId: string): Promise<void> {
  await fixture.store.db.query(
    `UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`,
    [jobId],
  )
}

async function claimOrFail() {
  const claimed = await fixture.store.claimNext(aWorker)
  if (!claimed) throw new Error('Expected a job to claim.')
  return claimed
}

describe('claiming', () => {
  test('gives each job to one worker, however many ask at once', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 20 }, () => aQueuedJob(fixture.store, projectId, dataset)),
    )
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => fixture.store.claimNext(aWorker)),
    )

    expect(claims.map((claim) => claim?.jobId).sort()).toEqual(jobs.sort())
    expect(await fixture.store.claimNext(aWorker)).toBeNull()
  })

  test('follows priority within a project, then age', async () => {
    const old = await aQueuedJob(fixture.store, projectId, dataset)
    const young = await aQueuedJob(fixture.store, projectId, dataset)
    const urgent = await aQueuedJob(fixture.store, projectId, dataset, { priority: 5 })

    const order = [await claimOrFail(), await claimOrFail(), await claimOrFail()]
    expect(order.map(({ jobId }) => jobId)).toEqual([urgent, old, young])
  })

  test('takes turns between projects, so a flood in one does not hold back another', async () => {
    const other = await aProject(fixture.store)
    const otherDataset = await aDataset(fixture.store, other)
    for (let i = 0; i < 5; i++)
      await aQueuedJob(fixture.store, projectId, dataset, { priority: 100 })
    const lone = await aQueuedJob(fixture.store, other, otherDataset)

    const firstTwo = [await claimOrFail(), await claimOrFail()]
    expect(firstTwo.map(({ jobId }) => jobId)).toContain(lone)
  })

  test('leaves jobs that plan more memory than is free', async () => {
    await aQueuedJob(fixture.store, projectId, dataset)

    expect(await fixture.store.claimNext({ ...aWorker, freeBytes: 99 })).toBeNull()
    expect(await fixture.store.claimNext({ ...aWorker, freeBytes: 100 })).not.toBeNull()
  })

  test('leaves long jobs to others when it may have short ones only', async () => {
    const long = await aQueuedJob(fixture.store, projectId, dataset, {
      plan: { ...aPlan, seconds: 60 },
    })
    const short = await aQueuedJob(fixture.store, projectId, dataset)
    const forShort = { ...aWorker, maxSeconds: 0.1 }

    expect((await fixture.store.claimNext(forShort))?.jobId).toBe(short)
    expect(await fixture.store.claimNext(forShort)).toBeNull()
    expect((await claimOrFail()).jobId).toBe(long)
  })

  test('gives each of many claims of one moment a run of its own', async () => {
    const jobs = await Promise.all(
      [1, 2, 3].map(() => aQueuedJob(fixture.store, projectId, dataset)),
    )
    const claims = await Promise.all(
      Array.from({ length: 5 }, () => fixture.store.claimNext(aWorker)),
    )
    const claimed = claims.filter((claim) => claim !== null)

    expect(claimed.map(({ jobId }) => jobId).sort()).toEqual(jobs.sort())
    for (const { jobId, runId } of claimed) {
      const { rows } = await fixture.store.jobs.runs(jobId, { limit: 10, order: 'asc' })
      expect(rows.map(({ id, status }) => ({ id, status }))).toEqual([
        { id: runId, status: 'running' },
      ])
    }
  })

  test('raises the fence and the attempt, and records a run and an event', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const first = await claimOrFail()
    await expireLease(jobId)
    await fixture.store.reclaimExpiredAsLeader()
    const second = await claimOrFail()

    expect([first.fence, second.fence]).toEqual([1, 2])
    expect([first.attempt, second.attempt]).toEqual([1, 2])
    const { rows } = await fixture.store.jobs.runs(jobId, { limit: 10, order: 'asc' })
    expect(rows.map(({ status }) => status)).toEqual(['lost', 'running'])
    const events = await fixture.store.readEvents(jobId, 0, 100)
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(events.map((event) => event.type === 'status' && event.data.status)).toEqual([
      'queued',
      'running',
      'queued',
      'running',
    ])
  })
})

describe('a write under an old fence', () => {
  let stale: Claim
  let jobId: string

  beforeEach(async () => {
    jobId = await aQueuedJob(fixture.store, projectId, dataset)
    stale = await claimOrFail()
    await expireLease(jobId)
    await fixture.store.reclaimExpiredAsLeader()
    await claimOrFail()
  })

  test('leaves no loss, no event and no metric', async () => {
    expect(await fixture.store.writeProgress(stale, progress(1))).toBe(false)

    expect(await pointsOf(jobId)).toEqual([])
    expect(await fixture.store.readEvents(jobId, 4, 100)).toEqual([])
  })

  test('ends nothing', async () => {
    expect(await fixture.store.finishRun(stale, succeeded)).toBeNull()

    expect((await fixture.store.jobs.find(projectId, jobId))?.status).toBe('running')
  })

  test('renews nothing', async () => {
    expect(await fixture.store.renewLeases([stale], 30)).toEqual([])
  })
})

describe('losses', () => {
  test('are written once: a second run repeats them without effect', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const first = await claimOrFail()
    await fixture.store.writeProgress(first, progress(1))
    await expireLease(jobId)
    await fixture.store.reclaimExpiredAsLeader()
    const second = await claimOrFail()
    await fixture.store.writeProgress(second, progress(1))
    await fixture.store.writeProgress(second, progress(2))

    expect(await pointsOf(jobId)).toEqual([
      { name: 'loss', step: 1, value: 1 },
      { name: 'loss', step: 2, value: 0.5 },
    ])
    const lossEvents = (await fixture.store.readEvents(jobId, 0, 100)).filter(
      ({ type }) => type === 'loss',
    )
    expect(lossEvents.map((event) => event.type === 'loss' && event.data.points.length)).toEqual([
      1, 0, 1,
    ])
  })

  test('that are not finite are kept as they are, and are null in the metrics', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const claim = await claimOrFail()
    const points = [
      { name: 'loss', step: 1, value: Number.NaN },
      { name: 'validation_loss', step: 1, value: Number.NEGATIVE_INFINITY },
    ]
    await fixture.store.writeProgress(claim, { ...progress(1), points })

    expect(await pointsOf(jobId)).toEqual(points)
    const job = await fixture.store.jobs.find(projectId, jobId)
    expect(job?.metrics).toEqual({ loss: null, validation_loss: null })
  })
})

describe('the end of a run', () => {
  test('commits unwritten losses, weights, status and events together', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const claim = await claimOrFail()
    const content = new Uint8Array(2_500_000).fill(7) // three chunks
    const status = await fixture.store.finishRun(claim, {
      ...succeeded,
      unwritten: progress(10),
      weights: {
        content,
        preprocessing: {
          version: 1,
          inputs: 0,
          features: [],
          target: { task: 'regression', columns: [] },
        },
      },
    })

    expect(status).toBe('succeeded')
    const weights = await fixture.store.weights.find(projectId, jobId)
    expect(weights?.bytes).toBe(2_500_000)
    const read = await fixture.store.readBlobIntoSharedMemory(weights!.blobId, weights!.bytes)
    expect(Buffer.from(read).equals(Buffer.from(content))).toBe(true)
    const events = await fixture.store.readEvents(jobId, 2, 100)
    expect(events.map(({ type }) => type)).toEqual(['loss', 'status', 'end'])
    expect(events.at(-1)?.data).toMatchObject({ status: 'succeeded', metrics: { loss: 0.5 } })
  })

  test('that is recorded again, since its answer was lost, is the same, and written once', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const released = { jobStatus: 'queued', runStatus: 'released', reason: null } as const
    const first = await claimOrFail()
    for (let i = 0; i < 2; i++) {
      expect(await fixture.store.finishRun(first, released)).toBe('queued')
    }
    const second = await claimOrFail()
    // Whoever has the job now is not touched.
    expect(await fixture.store.finishRun(first, released)).toBe('queued')
    expect((await fixture.store.jobs.find(projectId, jobId))?.status).toBe('running')

    for (let i = 0; i < 2; i++) {
      expect(await fixture.store.finishRun(second, succeeded)).toBe('succeeded')
    }
    const events = await fixture.store.readEvents(jobId, 0, 100)
    expect(events.filter(({ type }) => type === 'end')).toHaveLength(1)
  })

  test('of large weights on a slow disk keeps no lease waiting', async () => {
    for (let i = 0; i < 5; i++) await aQueuedJob(fixture.store, projectId, dataset)
    const [held, ...ending] = [
      await claimOrFail(),
      await claimOrFail(),
      await claimOrFail(),
      await claimOrFail(),
      await claimOrFail(),
    ]
    const preprocessing: Preprocessing = {
      version: 1,
      inputs: 0,
      features: [],
      target: { task: 'regression', columns: [] },
    }
    const disk = new pg.Client(fixture.database.url)
    await disk.connect()
    await disk.query('BEGIN')
    await disk.query('LOCK TABLE blob_chunks IN SHARE MODE')
    const content = new Uint8Array(chunkBytes + 1)
    const ends = ending.map((claim) =>
      fixture.store.finishRun(claim, { ...succeeded, weights: { content, preprocessing } }),
    )
    await vi.waitFor(async () => {
      const { rows } = await disk.query(
        `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'blob_chunks'::regclass`,
      )
      expect(rows).toHaveLength(4)
    })

    const askedAtMs = performance.now()
    const renewed = await fixture.store.renewLeases([held], 30)
    const written = await fixture.store.writeProgress(held, progress(1))
    expect(performance.now() - askedAtMs).toBeLessThan(2_000)
    expect(renewed).toEqual([{ jobId: held.jobId, intent: 'none' }])
    expect(written).toBe(true)

    await disk.query('COMMIT')
    await disk.end()
    expect(await Promise.all(ends)).toEqual(Array(4).fill('succeeded'))
  })

  test('is written with those of the same moment, each under its own fence', async () => {
    const jobs = await Promise.all(
      [1, 2, 3, 4].map(() => aQueuedJob(fixture.store, projectId, dataset)),
    )
    const claims = [
      await claimOrFail(),
      await claimOrFail(),
      await claimOrFail(),
      await claimOrFail(),
    ]
    const [first, lost, cancelled, failed] = claims
    await expireLease(lost.jobId)
    await fixture.store.reclaimExpiredAsLeader()
    const again = await claimOrFail()
    await cancelJob(fixture.store.db, projectId, cancelled.jobId)

    const statuses = await Promise.all([
      ...[cancelled, lost, first].map((claim, i) =>
        fixture.store.finishRun(claim, {
          ...succeeded,
          unwritten: progress(i + 1),
          weights: {
            content: new Uint8Array(20 + i).fill(i),
            preprocessing: {
              version: 1,
              inputs: 0,
              features: [],
              target: { task: 'regression', columns: [] },
            },
          },
        }),
      ),
      fixture.store.finishRun(failed, {
        jobStatus: 'failed',
        runStatus: 'failed',
        reason: { code: 'invalid_data', message: 'No rows.' },
      }),
    ])

    expect(statuses).toEqual(['cancelled', null, 'succeeded', 'failed'])
    expect(again).toMatchObject({ jobId: lost.jobId, fence: lost.fence + 1 })
    expect(jobs.sort()).toEqual(claims.map(({ jobId }) => jobId).sort())
    const weights = await fixture.store.weights.find(projectId, first.jobId)
    const read = await fixture.store.readBlobIntoSharedMemory(weights!.blobId, weights!.bytes)
    expect(new Uint8Array(read)).toEqual(new Uint8Array(22).fill(2))
    expect(await pointsOf(first.jobId)).toEqual(progress(3).points)
    expect(await pointsOf(lost.jobId)).toEqual([])
    expect(await fixture.store.jobs.find(projectId, lost.jobId)).toMatchObject({
      status: 'running',
      metrics: {},
      weights: null,
    })
    expect(await fixture.store.weights.find(projectId, cancelled.jobId)).toBeNull()
    expect(await fixture.store.jobs.find(projectId, failed.jobId)).toMatchObject({
      statusReason: { code: 'invalid_data', message: 'No rows.' },
      weights: null,
    })
  })

  test('that cannot be stored fails alone', async () => {
    for (let i = 0; i < 2; i++) await aQueuedJob(fixture.store, projectId, dataset)
    const [one, other] = [await claimOrFail(), await claimOrFail()]
    const message = 'Postgres keeps no \u0000'
    const ends = await Promise.allSettled([
      fixture.store.finishRun(one, { ...succeeded, reason: { code: 'invalid_data', message } }),
      fixture.store.finishRun(other, succeeded),
    ])

    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await fixture.store.jobs.find(projectId, one.jobId))?.status).toBe('running')
    expect((await fixture.store.jobs.find(projectId, other.jobId))?.status).toBe('succeeded')
  })

  test('is cancelled, without weights, when a cancel was recorded before', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const claim = await claimOrFail()
    await cancelJob(fixture.store.db, projectId, jobId)

    expect(await fixture.store.finishRun(claim, succeeded)).toBe('cancelled')
    const job = await fixture.store.jobs.find(projectId, jobId)
    expect(job).toMatchObject({ status: 'cancelled', weights: null })
    expect(job?.statusReason).toMatchObject({ code: 'cancelled_by_client' })
  })

  test('that crashed sends the job back, until it has crashed max_attempts times', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset, { maxAttempts: 2 })
    const crashed: RunEnd = {
      jobStatus: 'queued',
      runStatus: 'crashed',
      reason: { code: 'thread_crashed', message: 'exit 1' },
      crashed: true,
    }

    expect(await fixture.store.finishRun(await claimOrFail(), crashed)).toBe('queued')
    expect(await fixture.store.finishRun(await claimOrFail(), crashed)).toBe('failed')
    const job = await fixture.store.jobs.find(projectId, jobId)
    expect(job?.statusReason).toMatchObject({ code: 'crashed_repeatedly' })
  })

  test('happens once: a second end finds nothing to end', async () => {
    await aQueuedJob(fixture.store, projectId, dataset)
    const claim = await claimOrFail()

    expect(await fixture.store.finishRun(claim, succeeded)).toBe('succeeded')
    const failed = { jobStatus: 'failed', runStatus: 'failed', reason: null } as const
    expect(await fixture.store.finishRun(claim, failed)).toBeNull()
  })

  test('and a cancel at the same moment agree on one terminal state', async () => {
    for (let i = 0; i < 25; i++) {
      const jobId = await aQueuedJob(fixture.store, projectId, dataset)
      const claim = await claimOrFail()
      const [ended, cancel] = await Promise.all([
        fixture.store.finishRun(claim, succeeded),
        cancelJob(fixture.store.db, projectId, jobId),
      ])

      const job = await fixture.store.jobs.find(projectId, jobId)
      expect(job?.status).toBe(ended)
      // A cancel that was accepted is honoured; one that came too late is refused.
      expect(cancel.outcome).toBe(ended === 'cancelled' ? 'recorded' : 'refused')
    }
  })
})

describe('a job whose worker is gone', () => {
  test('is cancelled, not queued, when that was asked for', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    await claimOrFail()
    await cancelJob(fixture.store.db, projectId, jobId)
    await expireLease(jobId)

    expect(await fixture.store.reclaimExpiredAsLeader()).toEqual([jobId])
    expect((await fixture.store.jobs.find(projectId, jobId))?.status).toBe('cancelled')
    expect((await fixture.store.readEvents(jobId, 0, 100)).at(-1)?.type).toBe('end')
  })

  test('gets a new message in the outbox', async () => {
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    await claimOrFail()
    await fixture.store.db.query('DELETE FROM outbox')
    await expireLease(jobId)
    await fixture.store.reclaimExpiredAsLeader()

    let sent = 0
    await fixture.store.drainOutbox(10, async (count) => {
      sent += count
    })
    expect(sent).toBe(1)
  })
})

describe('the outbox', () => {
  test('keeps its messages when sending fails', async () => {
    await aQueuedJob(fixture.store, projectId, dataset)
    const failing = fixture.store.drainOutbox(10, () => Promise.reject(new Error('queue away')))

    await expect(failing).rejects.toThrow('queue away')
    let sent = 0
    await fixture.store.drainOutbox(10, async (count) => {
      sent = count
    })
    expect(sent).toBe(1)
  })

  test('gets its messages back within seconds from a relay that hangs', async () => {
    await aQueuedJob(fixture.store, projectId, dataset)
    let hangs = () => {}
    const taken = new Promise<void>((resolve) => {
      hangs = resolve
    })
    let goOn = () => {}
    const hanging = fixture.store.drainOutbox(10, () => {
      hangs()
      return new Promise((resolve) => {
        goOn = resolve
      })
    })
    await taken

    const drain = () => fixture.store.drainOutbox(10, async () => {})
    await vi.waitFor(async () => expect(await drain()).toBe(1), { timeout: 8_000, interval: 100 })
    goOn()
    await expect(hanging).rejects.toThrow()
  })
})

test('a damaged checkpoint is removed on connections that keep no row locked for long', async () => {
  await aQueuedJob(fixture.store, projectId, dataset)
  const claim = await claimOrFail()
  const id = await aCheckpoint(fixture.store, claim, 1)
  const other = new pg.Client(fixture.database.url)
  await other.connect()
  await other.query('BEGIN')
  await other.query('LOCK TABLE checkpoints IN SHARE MODE')
  const removed = fixture.store.removeDamagedCheckpoint(claim, { id, step: 1 })
  await vi.waitFor(async () => {
    const { rows } = await other.query(
      `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'checkpoints'::regclass`,
    )
    expect(rows).toHaveLength(1)
  })

  expect(fixture.store.connections()).toMatchObject({ bulk: { busy: 0 }, runs: { busy: 1 } })
  await other.query('COMMIT')
  await other.end()
  expect(await removed).toBe(true)
})

test('a job that other numerics began loses its losses and says so', async () => {
  const jobId = await aQueuedJob(fixture.store, projectId, dataset)
  const claim = await claimOrFail()
  await fixture.store.writeProgress(claim, progress(1))

  expect(await fixture.store.startOver(claim, 2)).toBe(true)
  expect(await pointsOf(jobId)).toEqual([])
  const last = (await fixture.store.readEvents(jobId, 0, 100)).at(-1)
  expect(last).toMatchObject({ type: 'log', data: { level: 'warn' } })
})
