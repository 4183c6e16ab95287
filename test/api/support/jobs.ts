/** @file Jobs in every state of the state table, brought there by the store's own functions. */
import { newId } from '../../../src/contract/ids.ts'
import type { JobStatus, StatusReason } from '../../../src/contract/jobs.ts'
import { createDatasetReader } from '../../../src/data/profile/dataset-reader.ts'
import { createDataset } from '../../../src/store/datasets.ts'
import { cancelJob } from '../../../src/store/jobs/set-intent.ts'
import type { ClaimedJob } from '../../../src/store/runs/claim-next.ts'
import { writeBlob } from '../../store/support/write-blob.ts'
import type { TestApi } from './api.ts'

export const xorRows = [
  { a: 0, b: 0, y: 0 },
  { a: 0, b: 1, y: 1 },
  { a: 1, b: 0, y: 1 },
  { a: 1, b: 1, y: 0 },
]

export const aJobOn = (dataset: unknown) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { epochs: 2 },
})

/** A table as an upload would leave it. */
export async function storeTable(
  { store }: Pick<TestApi, 'store'>,
  projectId: string,
  csv = 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n',
): Promise<string> {
  const bytes = new TextEncoder().encode(csv)
  const reader = createDatasetReader('csv', { maxColumns: 100 })
  reader.write(bytes)
  const { profile, preview } = reader.end()
  const id = newId('dataset')
  await store.transaction(async (transaction) => {
    const blob = await writeBlob(transaction, projectId, bytes)
    await createDataset(transaction, projectId, {
      id,
      name: null,
      labels: {},
      format: 'csv',
      blob,
      profile,
      preview,
    })
  })
  return id
}

const reasons: Partial<Record<JobStatus, StatusReason>> = {
  failed: { code: 'loss_not_finite', message: 'at step 1' },
  paused: { code: 'paused_by_client', message: 'A client paused the job.' },
}

/** Of the API's own project. Only one job is ever queued, so the claim takes it. */
export async function aJobThatIs(
  api: TestApi,
  status: JobStatus,
  dataset: string,
): Promise<{ id: string; claim: ClaimedJob | null }> {
  const { store, projectId } = api
  await store.db.query(`DELETE FROM jobs WHERE status = 'queued'`)
  const created = await api.call('POST', '/v1/jobs', aJobOn(dataset))
  const { id } = created.json()
  if (status === 'queued') return { id, claim: null }
  if (status === 'cancelled') {
    await cancelJob(store.db, projectId, id)
    return { id, claim: null }
  }
  const claim = await store.claimNext({
    worker: 'test:1',
    leaseSeconds: 60,
    freeBytes: 1e12,
    maxSeconds: null,
  })
  if (!claim || claim.jobId !== id) throw new Error('Another job was queued.')
  if (status === 'running') return { id, claim }
  await store.finishRun(claim, {
    jobStatus: status,
    runStatus: status,
    reason: reasons[status] ?? null,
    metrics: { loss: 0.1 },
    ...(status === 'succeeded' && {
      weights: {
        content: new Uint8Array(100),
        preprocessing: {
          version: 1,
          inputs: 0,
          features: [],
          target: { task: 'regression', columns: [] },
        },
      },
    }),
  })
  return { id, claim }
}
