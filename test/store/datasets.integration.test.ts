import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { deleteDataset } from '../../src/store/datasets.ts'
import { deleteJob } from '../../src/store/jobs/delete-job.ts'
import { cancelJob } from '../../src/store/jobs/set-intent.ts'
import {
  aDataset,
  aNewJob,
  aProject,
  aQueuedJob,
  aWorker,
  type TestStore,
  testStore,
} from './support/seed.ts'

let fixture: TestStore
let projectId: string

beforeAll(async () => {
  fixture = await testStore()
})
afterAll(() => fixture.dispose())
beforeEach(async () => {
  await fixture.store.db.query('DELETE FROM jobs')
  projectId = await aProject(fixture.store)
})

const remove = (owner: string, dataset: string) =>
  fixture.store.transaction((transaction) => deleteDataset(transaction, owner, dataset))

async function orphans(): Promise<number> {
  const { rows } = await fixture.store.db.query(
    `SELECT count(*)::int AS n FROM blobs b
    WHERE NOT EXISTS (SELECT 1 FROM datasets d WHERE d.blob_id = b.id)
      AND NOT EXISTS (SELECT 1 FROM weights w WHERE w.blob_id = b.id)`,
  )
  return rows[0].n
}

describe('a dataset', () => {
  test('goes with its file and every chunk', async () => {
    const dataset = await aDataset(fixture.store, projectId, 'x'.repeat(3_000_000))
    const row = await fixture.store.datasets.find(projectId, dataset)
    await remove(projectId, dataset)

    expect(await fixture.store.datasets.find(projectId, dataset)).toBeNull()
    const chunks = await fixture.store.db.query('SELECT 1 FROM blob_chunks WHERE blob_id = $1', [
      row!.blobId,
    ])
    expect(chunks.rowCount).toBe(0)
    expect(await orphans()).toBe(0)
  })

  test('that an unfinished job uses stays, and the error names the job', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)

    await expect(remove(projectId, dataset)).rejects.toMatchObject({
      code: 'dataset_in_use',
      message: expect.stringContaining(jobId),
    })
    await cancelJob(fixture.store.db, projectId, jobId)
    await remove(projectId, dataset)
  })

  test('of another project does not exist', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    const stranger = await aProject(fixture.store)

    expect(await fixture.store.datasets.find(stranger, dataset)).toBeNull()
    await expect(remove(stranger, dataset)).rejects.toMatchObject({ code: 'dataset_not_found' })
    const job = fixture.store.createJob(fixture.store.db, stranger, aNewJob(dataset), 10)
    await expect(job).rejects.toMatchObject({ code: 'dataset_not_found' })
  })

  test('is either deleted or used, when both are asked for at once', async () => {
    for (let i = 0; i < 25; i++) {
      const dataset = await aDataset(fixture.store, projectId)
      const [job, deletion] = await Promise.allSettled([
        aQueuedJob(fixture.store, projectId, dataset),
        remove(projectId, dataset),
      ])

      expect([job.status, deletion.status].sort()).toEqual(['fulfilled', 'rejected'])
    }
  })
})

describe('creating a job', () => {
  test('is refused at the limit of unfinished jobs, and leaves nothing', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    await aQueuedJob(fixture.store, projectId, dataset)
    const second = aNewJob(dataset, { id: newId('job') })

    await expect(
      fixture.store.createJob(fixture.store.db, projectId, second, 1),
    ).rejects.toMatchObject({
      code: 'too_many_jobs',
    })
    expect(await fixture.store.jobs.find(projectId, second.id)).toBeNull()
  })

  test('goes with those of the same moment, up to the limit and not beyond', async () => {
    const owner = await aProject(fixture.store)
    const dataset = await aDataset(fixture.store, owner)
    const jobs = Array.from({ length: 5 }, (_, i) => aNewJob(dataset, { name: `job ${i}` }))
    const created = await Promise.allSettled(
      jobs.map((job) => fixture.store.createJob(fixture.store.db, owner, job, 3)),
    )

    const positions = created.map((one) => one.status === 'fulfilled' && one.value.queuePosition)
    expect(positions).toEqual([1, 2, 3, false, false])
    const page = await fixture.store.jobs.list(owner, {}, { limit: 10, order: 'asc' })
    expect(page.rows.map(({ name }) => name)).toEqual(['job 0', 'job 1', 'job 2'])
    const { rows } = await fixture.store.db.query(
      'SELECT job_id FROM outbox WHERE job_id = ANY($1)',
      [jobs.map(({ id }) => id)],
    )
    expect(rows).toHaveLength(3)
  })

  test('with a name that cannot be stored is refused alone', async () => {
    const owner = await aProject(fixture.store)
    const dataset = await aDataset(fixture.store, owner)
    const created = await Promise.allSettled(
      ['one', 'a \u0000 b', 'other'].map((name) =>
        fixture.store.createJob(fixture.store.db, owner, aNewJob(dataset, { name }), 10),
      ),
    )

    expect(created.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('that is in a transaction comes and goes with it', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    const job = aNewJob(dataset)
    const undone = fixture.store.transaction(async (transaction) => {
      await fixture.store.createJob(transaction, projectId, job, 1_000)
      throw new Error('undone')
    })

    await expect(undone).rejects.toThrow('undone')
    expect(await fixture.store.jobs.find(projectId, job.id)).toBeNull()
  })
})

describe('deleting a job', () => {
  test('takes its weights and leaves no orphan', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const claim = await fixture.store.claimNext(aWorker)
    await fixture.store.finishRun(claim!, {
      jobStatus: 'succeeded',
      runStatus: 'succeeded',
      reason: null,
      weights: {
        content: new Uint8Array(10),
        preprocessing: {
          version: 1,
          inputs: 0,
          features: [],
          target: { task: 'regression', columns: [] },
        },
      },
    })
    const deleted = await fixture.store.transaction((transaction) =>
      deleteJob(transaction, projectId, jobId),
    )

    expect(deleted.outcome).toBe('deleted')
    expect(await orphans()).toBe(0)
  })

  test('is refused before it has ended', async () => {
    const dataset = await aDataset(fixture.store, projectId)
    const jobId = await aQueuedJob(fixture.store, projectId, dataset)
    const outcome = await fixture.store.transaction((transaction) =>
      deleteJob(transaction, projectId, jobId),
    )

    expect(outcome).toEqual({ outcome: 'refused', status: 'queued' })
  })
})
