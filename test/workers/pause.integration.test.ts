/** @file A job that rests: it stops within a second, and goes on wherever it is resumed, to the same bits. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Progress } from '../../src/contract/jobs.ts'
import { decodeSafetensors } from '../../src/engine/index.ts'
import { pauseJob, resumeJob, stopJob } from '../../src/store/jobs/set-intent.ts'
import { fromJson } from '../../src/store/json.ts'
import { describeOnEachQueue } from '../support/services.ts'
import { aYard, type Yard } from './support/yard.ts'

const long = {
  epochs: 400_000,
  seed: 9,
  optimizer: { type: 'rmsprop', learning_rate: 0.001, momentum: 0.9 },
  validation: { fraction: 0.25 },
}

describeOnEachQueue('pause and resume', (backend) => {
  let yard: Yard

  beforeEach(async () => {
    yard = await aYard(backend)
  })
  afterEach(() => yard.dispose())

  const stepOf = async (id: string) => fromJson<Progress>((await yard.job(id)).progress).step
  const pause = (id: string) => pauseJob(yard.store.db, yard.projectId, id)
  const resume = async (id: string) => {
    await resumeJob(yard.store.db, yard.projectId, id)
    yard.relay.wake()
  }

  async function pauseInTheMiddle(id: string): Promise<number> {
    const before = await stepOf(id)
    await expect.poll(() => stepOf(id), { timeout: 15_000 }).toBeGreaterThan(before)
    const askedAtMs = performance.now()
    await pause(id)
    await yard.untilStatus(id, 'paused')
    return performance.now() - askedAtMs
  }

  test('a job that was paused twice, on two workers, ends with the same losses and weights', async () => {
    const first = yard.work()
    const id = await yard.submit(long)
    const tookMs = await pauseInTheMiddle(id)
    const [{ step } = { step: 0 }] = await yard.store.readResumable(id)
    expect(await stepOf(id)).toBe(step)
    await first.stop(10_000)
    yard.work({ threads: 2 })
    await resume(id)
    await pauseInTheMiddle(id)
    const reference = await yard.submit(long) // a paused job leaves its thread to others
    await yard.untilEnded(reference)
    expect((await yard.job(id)).status).toBe('paused')
    await resume(id)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    expect(tookMs).toBeLessThan(1_000)
    expect(job).toMatchObject({ status: 'succeeded', attempt: 3, crashes: 0, intent: 'none' })
    expect(job.weights?.sha256).toBe(undisturbed.weights?.sha256)
    expect(job.evaluation).toEqual(undisturbed.evaluation)
    const everyPoint = { maxPoints: 100_000 }
    expect(await yard.store.readLosses(id, everyPoint)).toEqual(
      await yard.store.readLosses(reference, everyPoint),
    )
    const { rows } = await yard.store.jobs.runs(id, { limit: 5, order: 'asc' })
    expect(rows.map(({ status }) => status)).toEqual(['paused', 'paused', 'succeeded'])
  })

  test('a job that is paused before it was claimed begins when it is resumed', async () => {
    const id = await yard.submit({ epochs: 10 })
    await pause(id)
    yard.work()
    const other = await yard.submit({ epochs: 10 })
    await yard.untilEnded(other)
    expect((await yard.job(id)).status).toBe('paused')
    await resume(id)

    expect(await yard.untilEnded(id)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  test('a job that is stopped while it rests has the weights that a stop then would have left', async () => {
    yard.work()
    const id = await yard.submit(long)
    await pauseInTheMiddle(id)
    const step = await stepOf(id)
    await yard.store.transaction((db) => stopJob(db, yard.projectId, id))
    const stopped = await yard.untilEnded(id)
    const short = await yard.submit({ ...long, epochs: undefined, steps: step })
    const undisturbed = await yard.untilEnded(short)
    const tensorsOf = async (jobId: string) => {
      const weights = await yard.store.weights.find(yard.projectId, jobId)
      if (!weights) throw new Error('Expected weights.')
      const file = await yard.store.readBlobIntoSharedMemory(weights.blobId, weights.bytes)
      return decodeSafetensors(new Uint8Array(file)).tensors
    }

    expect(stopped).toMatchObject({ status: 'succeeded', statusReason: { code: 'stopped_early' } })
    expect(await tensorsOf(id)).toEqual(await tensorsOf(short))
    expect(undisturbed.status).toBe('succeeded')
  })
})
