/** @file Jobs that were really trained: POSTed, claimed, run in a thread, and ended as a worker would. */
import type { ThreadPool } from '../../../src/threads/pool.ts'
import { createDatasetCache } from '../../../src/workers/dataset-cache.ts'
import { runEndOf } from '../../../src/workers/run-end.ts'
import { prepareTask } from '../../threads/support/tasks.ts'
import type { TestApi } from './api.ts'

/** Returns the id of a job that has succeeded. */
export async function trainedJob(
  { call, store }: Pick<TestApi, 'call' | 'store'>,
  pool: ThreadPool,
  body: Record<string, unknown>,
): Promise<string> {
  const created = await call('POST', '/v1/jobs', body)
  if (created.statusCode !== 202) throw new Error(created.body)
  const { id } = created.json()
  const claim = await store.claimNext({
    worker: 'test:1',
    leaseSeconds: 60,
    freeBytes: 1e12,
    maxSeconds: null,
  })
  if (!claim || claim.jobId !== id) throw new Error('Another job was queued.')
  const data = await createDatasetCache(store, 0).load(claim.projectId, claim.spec.dataset)
  const { task, progress } = prepareTask(claim.spec, data)
  const result = await pool.train(task, { threads: 1, bytes: 0 })
  progress.close()
  if (result.outcome === 'mismatched') throw new Error(result.message)
  await store.finishRun(claim, runEndOf(result))
  return id
}

const xorRows = [
  { a: 0, b: 0, y: 'no' },
  { a: 0, b: 1, y: 'yes' },
  { a: 1, b: 0, y: 'yes' },
  { a: 1, b: 1, y: 'no' },
]

export const xorJob = {
  dataset: { rows: xorRows },
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [8] },
  training: { epochs: 500, batch_size: 'full', optimizer: { type: 'adam', learning_rate: 0.05 } },
}
