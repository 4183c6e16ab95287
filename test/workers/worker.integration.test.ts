import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { cancelJob, stopJob } from '../../src/store/jobs/set-intent.ts'
import { describeOnEachQueue } from '../support/services.ts'
import { aYard, type Yard } from './support/yard.ts'

const crashEntry = fileURLToPath(new URL('./support/crash.thread.ts', import.meta.url))

const everyPoint = { maxPoints: 100_000 }
/** Some tenths of a second of training. */
const short = { epochs: 20_000, seed: 3 }
/** Longer than any test. */
const endless = { epochs: 10_000_000, report_every: 1000 }

describeOnEachQueue('a worker', (backend) => {
  let yard: Yard

  beforeEach(async () => {
    yard = await aYard(backend)
  })
  afterEach(() => yard.dispose())

  test('trains a job to its end: status, losses, events, weights', async () => {
    yard.work()
    const id = await yard.submit({ epochs: 200, seed: 1, report_every: 1 })
    const job = await yard.untilEnded(id)

    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, owner: null })
    expect(job.progress).toMatchObject({ step: 400, epoch: 200 })
    expect(job.weights?.sha256).toMatch(/^[0-9a-f]{64}$/)
    const [losses] = await yard.store.readLosses(id, { names: ['loss'], maxPoints: 1_000 })
    expect(losses?.points.map(({ step }) => step)).toEqual(
      Array.from({ length: 400 }, (_, i) => i + 1),
    )
    const events = await yard.store.readEvents(id, 0, 500)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.at(-1)?.type).toBe('end')
  })

  test('gives the same bits for the same spec, data and seed', async () => {
    yard.work({ threads: 2 })
    const ids = await Promise.all([yard.submit(short), yard.submit(short)])
    const [one, other] = await Promise.all(ids.map(yard.untilEnded))

    expect(one?.weights?.sha256).toBe(other?.weights?.sha256)
    expect(await yard.store.readLosses(ids[0]!, everyPoint)).toEqual(
      await yard.store.readLosses(ids[1]!, everyPoint),
    )
  })

  test('cancels a running job within a second', async () => {
    yard.work()
    const id = await yard.submit(endless)
    await yard.untilStatus(id, 'running')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const askedAtMs = performance.now()
    await cancelJob(yard.store.db, yard.projectId, id)
    const job = await yard.untilEnded(id)

    expect(performance.now() - askedAtMs).toBeLessThan(1_000)
    expect(job).toMatchObject({ status: 'cancelled', weights: null })
  })

  test('stops a running job within a second, and keeps the weights', async () => {
    yard.work()
    const id = await yard.submit(endless)
    await yard.untilStatus(id, 'running')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const askedAtMs = performance.now()
    await stopJob(yard.store.db, yard.projectId, id)
    const job = await yard.untilEnded(id)

    expect(performance.now() - askedAtMs).toBeLessThan(1_000)
    expect(job).toMatchObject({ status: 'succeeded', statusReason: { code: 'stopped_early' } })
    expect(job.weights).not.toBeNull()
  })

  test('gives its jobs back when it stops, and another ends them with the same bits', async () => {
    yard.work({ threads: 2 })
    const undisturbed = await yard.untilEnded(await yard.submit(short))
    const first = await aYard(backend)
    try {
      const leaving = first.work()
      const id = await first.submit({ ...short, epochs: 200_000 })
      await first.untilStatus(id, 'running')
      await leaving.stop(10_000)
      expect(await first.job(id)).toMatchObject({ status: 'queued', owner: null, crashes: 0 })
    } finally {
      await first.dispose()
    }
    const again = await yard.untilEnded(await yard.submit(short))

    expect(again.weights?.sha256).toBe(undisturbed.weights?.sha256)
  })

  test('takes over from a worker that is gone: no loss twice, no gap, the same bits', async () => {
    const id = await yard.submit(short)
    const gone = await yard.store.claimNext({
      worker: 'gone:1',
      leaseSeconds: 1,
      freeBytes: 1e9,
      maxSeconds: null,
    })
    await yard.store.writeProgress(gone!, {
      progress: { step: 1, steps: 40_000, epoch: 0, epochs: 20_000, eta_seconds: null },
      points: [],
    })
    yard.work({ threads: 2 })
    const reference = await yard.submit(short)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(job.weights?.sha256).toBe(undisturbed.weights?.sha256)
    expect(await yard.store.readLosses(id, everyPoint)).toEqual(
      await yard.store.readLosses(reference, everyPoint),
    )
    const { rows } = await yard.store.jobs.runs(id, { limit: 5, order: 'asc' })
    expect(rows.map(({ status }) => status)).toEqual(['lost', 'succeeded'])
  })

  test('runs each job once, however often its message comes', async () => {
    yard.work({ threads: 2 })
    const ids = await Promise.all(Array.from({ length: 10 }, () => yard.submit({ epochs: 10 })))
    await yard.queue.send(50)
    const jobs = await Promise.all(ids.map(yard.untilEnded))

    expect(jobs.map(({ attempt }) => attempt)).toEqual(ids.map(() => 1))
  })

  test('gets to every job although the queue has lost all its messages', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => yard.submit({ epochs: 10 })))
    await yard.relay.stop()
    await yard.store.db.query('DELETE FROM outbox')
    const drained = yard.queue.consume(async () => {}, 10)
    await expect.poll(() => yard.queue.countWaiting()).toBe(0)
    await drained.close(1_000)
    yard.work()

    const jobs = await Promise.all(ids.map(yard.untilEnded))
    expect(jobs.map(({ status }) => status)).toEqual(ids.map(() => 'succeeded'))
  })

  test('fails a job whose loss stops being finite, and says at which step', async () => {
    yard.work()
    const id = await yard.submit(
      { epochs: 1000, optimizer: { type: 'sgd', learning_rate: 1e6 } },
      {
        target: { column: 'y', task: 'regression' },
        model: { type: 'mlp', hidden: [8], activation: 'relu' },
      },
    )
    const job = await yard.untilEnded(id)

    expect(job).toMatchObject({ status: 'failed', statusReason: { code: 'loss_not_finite' } })
    expect(JSON.stringify(job.statusReason)).toMatch(/step \d+/)
    const last = (await yard.store.readEvents(id, 0, 500)).at(-1)
    expect(JSON.parse(JSON.stringify(last))).toMatchObject({ data: { metrics: { loss: null } } })
  })

  test('starts a job that kills its thread three times, and no more', async () => {
    yard.work({ entries: { train: crashEntry } })
    const id = await yard.submit({ epochs: 10 })
    const job = await yard.untilEnded(id)

    expect(job).toMatchObject({
      status: 'failed',
      attempt: 3,
      statusReason: { code: 'crashed_repeatedly' },
    })
    const { rows } = await yard.store.jobs.runs(id, { limit: 5, order: 'asc' })
    expect(rows.map(({ status }) => status)).toEqual(['crashed', 'crashed', 'crashed'])
  })
})
