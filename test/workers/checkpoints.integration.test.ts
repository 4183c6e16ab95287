/** @file A job that is taken over goes on from its checkpoint, and ends as if nothing had happened. */
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Progress } from '../../src/contract/jobs.ts'
import { decodeSafetensors, numericsVersions } from '../../src/engine/index.ts'
import type { JobRow } from '../../src/store/jobs/read-jobs.ts'
import { pauseJob } from '../../src/store/jobs/set-intent.ts'
import { fromJson } from '../../src/store/json.ts'
import { describeOnEachQueue } from '../support/services.ts'
import { loseLease } from './support/lose-lease.ts'
import { aYard, type Yard } from './support/yard.ts'

const everyPoint = { maxPoints: 100_000 }

/** Some seconds of training: with dropout, shuffling and validation. */
const long = {
  epochs: 600_000,
  seed: 5,
  optimizer: { type: 'adamw', learning_rate: 0.001 },
  validation: { fraction: 0.25 },
  checkpoint_every: 5_000,
}

describeOnEachQueue('checkpoints', (backend) => {
  let yard: Yard

  beforeEach(async () => {
    yard = await aYard(backend)
  })
  afterEach(() => yard.dispose())

  const checkpointsOf = async (jobId: string) =>
    (await yard.store.checkpoints.list(jobId, { limit: 10, order: 'asc' })).rows

  async function untilCheckpoint(jobId: string): Promise<void> {
    await expect
      .poll(async () => (await checkpointsOf(jobId)).length, { timeout: 15_000, interval: 10 })
      .toBeGreaterThanOrEqual(1)
    expect((await yard.job(jobId)).status).toBe('running')
  }

  /** A worker that takes the job some steps further, and leaves a checkpoint when it stops. */
  async function workForAWhile(jobId: string): Promise<void> {
    const stepOf = async () => Number(fromJson<Progress>((await yard.job(jobId)).progress).step)
    const before = await stepOf()
    const worker = yard.work()
    await expect.poll(stepOf, { timeout: 15_000 }).toBeGreaterThan(before)
    await worker.stop(10_000)
    expect((await yard.job(jobId)).status).toBe('queued')
  }

  async function expectSame(job: JobRow, undisturbed: JobRow): Promise<void> {
    expect(job.weights?.sha256).toBe(undisturbed.weights?.sha256)
    expect(job.evaluation).toEqual(undisturbed.evaluation)
    expect(await yard.store.readLosses(job.id, everyPoint)).toEqual(
      await yard.store.readLosses(undisturbed.id, everyPoint),
    )
  }

  const logsOf = async (jobId: string) =>
    (await yard.store.readEvents(jobId, 0, 10_000)).flatMap((event) =>
      event.type === 'log' ? [event.data.message] : [],
    )

  test('whoever takes a job over goes on from its last checkpoint: same losses, same weights', async () => {
    yard.work({ threads: 2 })
    const [id, reference] = [await yard.submit(long), await yard.submit(long)]
    await untilCheckpoint(id)
    await loseLease(yard, id)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 })
    await expectSame(job, undisturbed)
    expect(await logsOf(id)).toEqual([
      expect.stringMatching(/^The job goes on from the checkpoint at step \d+000\.$/),
    ])
    const events = await yard.store.readEvents(id, 0, 10_000)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    const points = events.flatMap((event) => (event.type === 'loss' ? event.data.points : []))
    const names = points.map(({ name, step }) => `${name} ${step}`)
    expect(new Set(names).size).toBe(names.length)
  })

  test('the last two and the best are kept, and no chunk of another', async () => {
    const id = await yard.submit({ ...long, checkpoint_every: undefined })
    for (let i = 0; i < 4; i++) await workForAWhile(id)
    const kept = await checkpointsOf(id)
    const events = await yard.store.readEvents(id, 0, 10_000)
    const written = events.flatMap((event) =>
      event.type === 'checkpoint' ? [event.data.checkpoint] : [],
    )

    expect(written).toHaveLength(4)
    expect(kept.map((checkpoint) => checkpoint.id).slice(-2)).toEqual(written.slice(-2))
    expect(kept.length).toBeLessThanOrEqual(3)
    expect(kept.filter(({ best }) => best)).toHaveLength(1)
    const lowest = Math.min(...kept.map(({ metric }) => metric ?? Number.POSITIVE_INFINITY))
    expect(kept.find(({ best }) => best)?.metric).toBe(lowest)
    const { rows } = await yard.store.db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM blobs WHERE id NOT IN (
        SELECT blob_id FROM checkpoints UNION ALL SELECT rest_blob_id FROM checkpoints
        UNION ALL SELECT blob_id FROM weights UNION ALL SELECT blob_id FROM datasets)`,
    )
    expect(rows[0]?.n).toBe(0)
  })

  test('a damaged checkpoint is passed over for the one before, and the job says so', async () => {
    const id = await yard.submit({ ...long, checkpoint_every: undefined })
    for (let i = 0; i < 2; i++) await workForAWhile(id)
    const [before, last] = await checkpointsOf(id)
    await yard.store.db.query(
      `UPDATE blob_chunks SET data = set_byte(data, octet_length(data) - 1, (get_byte(data, octet_length(data) - 1) + 1) % 256)
      WHERE blob_id IN (SELECT rest_blob_id FROM checkpoints WHERE job_id = $1 AND step >= $2)`,
      [id, last?.step],
    )
    yard.work({ threads: 2 })
    const reference = await yard.submit({ ...long, checkpoint_every: undefined })
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    await expectSame(job, undisturbed)
    expect((await logsOf(id)).slice(-2)).toEqual([
      `The checkpoint at step ${last?.step} is damaged: its files are not what was written. It was removed.`,
      `The job goes on from the checkpoint at step ${before?.step}.`,
    ])
  })

  test('with every checkpoint damaged the job starts again at step 0, and says so', async () => {
    yard.work({ threads: 2 })
    const [id, reference] = [await yard.submit(long), await yard.submit(long)]
    await untilCheckpoint(id)
    await yard.store.db.query(
      'DELETE FROM blob_chunks WHERE blob_id IN (SELECT blob_id FROM checkpoints WHERE job_id = $1)',
      [id],
    )
    await loseLease(yard, id)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    await expectSame(job, undisturbed)
    expect(await logsOf(id)).toContain('No checkpoint is left: the job starts again at step 0.')
  })

  test('a checkpoint of another plan is not gone on from: the job starts over, and says so', async () => {
    yard.work({ threads: 2 })
    const [id, reference] = [await yard.submit(long), await yard.submit(long)]
    await untilCheckpoint(id)
    const [{ step } = { step: 0 }] = (await checkpointsOf(id)).slice(-1)
    // A state of an older program, as its header would have it.
    await yard.store.db.query(
      `WITH edited AS (
        UPDATE blob_chunks SET data = overlay(data PLACING '\\x30303030'::bytea FROM position('fingerprint'::bytea IN data) + 16)
        WHERE index = 0 AND blob_id IN (SELECT rest_blob_id FROM checkpoints WHERE job_id = $1)
        RETURNING blob_id, data
      ) UPDATE blobs SET sha256 = encode(sha256(edited.data), 'hex') FROM edited WHERE blobs.id = edited.blob_id`,
      [id],
    )
    await loseLease(yard, id)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    expect(step).toBeGreaterThan(0)
    await expectSame(job, undisturbed)
    expect((await logsOf(id)).join('\n')).toMatch(
      /The checkpoint does not fit this worker .*: the job starts over at step 0\./,
    )
  })

  test('other numerics do not go on with bits that are not theirs', async () => {
    const id = await yard.submit(long)
    const first = yard.work()
    await untilCheckpoint(id)
    await first.stop(10_000)
    expect(await yard.job(id)).toMatchObject({ status: 'queued', crashes: 0 })
    const before = (await checkpointsOf(id)).map((each) => each.id)
    expect(before.length).toBeGreaterThan(0)
    const other = numericsVersions.native + 1
    yard.work({ numericsVersion: other })
    await expect
      .poll(async () => (await logsOf(id)).at(-1), { timeout: 20_000 })
      .toBe(`This worker computes under numerics version ${other}: the job starts over at step 0.`)

    const after = await checkpointsOf(id)
    expect(after.filter((each) => before.includes(each.id))).toEqual([])
  })

  test('a worker that shuts down leaves a checkpoint at its last step, and loses no work', async () => {
    const training = { ...long, checkpoint_every: undefined }
    const id = await yard.submit(training)
    await workForAWhile(id)
    const [checkpoint] = await checkpointsOf(id)
    const released = await yard.job(id)
    yard.work({ threads: 2 })
    const reference = await yard.submit(training)
    const [job, undisturbed] = [await yard.untilEnded(id), await yard.untilEnded(reference)]

    expect(released).toMatchObject({ status: 'queued', crashes: 0 })
    expect(released.progress).toMatchObject({ step: checkpoint?.step })
    await expectSame(job, undisturbed)
    expect(await logsOf(id)).toEqual([
      `The job goes on from the checkpoint at step ${checkpoint?.step}.`,
    ])
  })

  test('checkpoints by time come by themselves', async () => {
    yard.work({ checkpointEveryMs: 200 })
    const id = await yard.submit({ ...long, checkpoint_every: undefined })
    await untilCheckpoint(id)
  })

  test('a job begins with the weights of the checkpoint that it names', async () => {
    const source = await yard.submit({ ...long, checkpoint_every: undefined })
    await workForAWhile(source)
    const [checkpoint] = await checkpointsOf(source)
    if (!checkpoint) throw new Error('Expected a checkpoint.')
    yard.work()
    const init_from = { job: source, checkpoint: checkpoint.id }
    // Steps too small to change a float32.
    const still = { steps: 3, optimizer: { type: 'sgd', learning_rate: 1e-30 } }
    const job = await yard.untilEnded(await yard.submit(still, { init_from }))
    const fresh = await yard.untilEnded(await yard.submit(still))
    const tensorsOf = async (blobId = '', bytes = 0) =>
      decodeSafetensors(new Uint8Array(await yard.store.readBlobIntoSharedMemory(blobId, bytes)))
        .tensors
    const weightsOf = async ({ id }: JobRow) => {
      const weights = await yard.store.weights.find(yard.projectId, id)
      return tensorsOf(weights?.blobId, weights?.bytes)
    }
    const expected = await tensorsOf(checkpoint.blobId, Number(checkpoint.bytes))

    expect(await weightsOf(job)).toEqual(expected)
    expect(await weightsOf(fresh)).not.toEqual(expected)
  })

  test('a job whose first weights are damaged fails, and says why', async () => {
    const source = await yard.submit({ ...long, checkpoint_every: undefined })
    await workForAWhile(source)
    const [checkpoint] = await checkpointsOf(source)
    await yard.store.db.query(`UPDATE checkpoints SET sha256 = 'x' WHERE id = $1`, [checkpoint?.id])
    const id = await yard.submit({}, { init_from: { job: source, checkpoint: checkpoint?.id } })
    await pauseJob(yard.store.db, yard.projectId, source)
    yard.work()

    expect(await yard.untilEnded(id)).toMatchObject({
      status: 'failed',
      attempt: 1,
      statusReason: { code: 'invalid_data', message: expect.stringContaining('damaged') },
    })
  })
})
