/** @file Rows to test the store with: a project, a dataset, jobs. */
import { newId } from '../../../src/contract/ids.ts'
import type { Plan } from '../../../src/contract/plans.ts'
import { CreateJob, Spec } from '../../../src/contract/spec/spec.ts'
import { createDataset } from '../../../src/store/datasets.ts'
import type { NewJob } from '../../../src/store/jobs/create-jobs.ts'
import { createProject } from '../../../src/store/projects.ts'
import type { ClaimedJob } from '../../../src/store/runs/claim-next.ts'
import { createStore, type Store } from '../../../src/store/store.ts'
import { type TestDatabase, testDatabase } from '../../support/services.ts'
import { writeBlob } from './write-blob.ts'

export interface TestStore {
  readonly store: Store
  readonly database: TestDatabase
  /** The store of another process. */
  open(): Store
  dispose(): Promise<void>
}

export async function testStore(): Promise<TestStore> {
  const database = await testDatabase()
  const open = () =>
    createStore({
      connectionString: database.url,
      applicationName: 'test',
      maxConnections: 10,
      maxUploads: 4,
      onError: () => {},
    })
  const store = open()
  return {
    store,
    database,
    open,
    async dispose() {
      await store.close()
      await database.dispose()
    },
  }
}

export async function aProject(store: Store): Promise<string> {
  const id = newId('project')
  await createProject(store.db, id, 'test')
  return id
}

export async function aDataset(
  store: Store,
  projectId: string,
  content = 'x,y\n0,1\n1,0\n',
): Promise<string> {
  const id = newId('dataset')
  await store.transaction(async (transaction) => {
    const blob = await writeBlob(transaction, projectId, new TextEncoder().encode(content))
    await createDataset(transaction, projectId, {
      id,
      name: null,
      labels: {},
      format: 'csv',
      blob,
      profile: { kind: 'table', rows: 2, columns: [], warnings: [] },
      preview: [],
    })
  })
  return id
}

export const aPlan: Plan = {
  object: 'plan',
  task: 'regression',
  inputs: 1,
  outputs: 1,
  training_rows: 2,
  validation_rows: 0,
  parameters: 2,
  bytes: {
    parameters: 8,
    gradients: 8,
    optimizer: 0,
    activations: 8,
    scratch: 0,
    data: 76,
    total: 100,
  },
  prediction_bytes: 1,
  weights_bytes: 200,
  prediction_flops: 4,
  steps: 10,
  steps_per_epoch: 1,
  report_every: 1,
  points: 10,
  threads: 1,
  flops: 1000,
  seconds: 0.001,
}

export function aNewJob(dataset: string, changes: Partial<NewJob> = {}): NewJob {
  const { name, labels, priority, max_attempts, ...spec } = CreateJob.parse({
    dataset,
    target: { column: 'y' },
    model: { type: 'mlp' },
  })
  return {
    id: newId('job'),
    name: name ?? null,
    labels: labels ?? {},
    priority,
    maxAttempts: max_attempts,
    spec: Spec.parse({ ...spec, dataset }),
    specSha256: 'a'.repeat(64),
    plan: aPlan,
    numericsVersion: 1,
    ...changes,
  }
}

/** Returns the id of a job that waits to be claimed. */
export async function aQueuedJob(
  store: Store,
  projectId: string,
  dataset: string,
  changes: Partial<NewJob> = {},
): Promise<string> {
  const job = aNewJob(dataset, changes)
  await store.createJob(store.db, projectId, job, 1_000)
  return job.id
}

export const aWorker = { worker: 'test:1', leaseSeconds: 30, freeBytes: 1e9, maxSeconds: null }

export const checkpointFiles = { weights: new Uint8Array([1, 2, 3]), rest: new Uint8Array([4, 5]) }

/** Of a job that is claimed; returns its id. */
export async function aCheckpoint(
  store: Store,
  claim: ClaimedJob,
  step: number,
  files: typeof checkpointFiles = checkpointFiles,
): Promise<string> {
  const isWritten = await store.writeCheckpoint(
    claim,
    {
      ...files,
      step,
      epoch: 0,
      preprocessing: {
        version: 1,
        inputs: 0,
        features: [],
        target: { task: 'regression', columns: [] },
      },
      planHash: 'a',
      numericsVersion: 1,
      metricName: 'loss',
    },
    () => true,
  )
  const { rows } = await store.checkpoints.list(claim.jobId, { limit: 1, order: 'desc' })
  if (!isWritten || !rows[0]) throw new Error('The checkpoint was not written.')
  return rows[0].id
}
