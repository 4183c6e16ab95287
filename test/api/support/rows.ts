/** @file Rows for tests that need something to be there, and not what is in it. */
import { newId } from '../../../src/contract/ids.ts'
import type { Store } from '../../../src/store/store.ts'

export async function insertDataset(
  store: Store,
  projectId: string,
  { bytes = 0 } = {},
): Promise<string> {
  const [id, blob] = [newId('dataset'), newId('blob')]
  await store.db.query(`INSERT INTO blobs VALUES ($1, $2, $3, '')`, [blob, projectId, bytes])
  await store.db.query(
    `INSERT INTO datasets (id, project_id, format, blob_id, bytes, sha256, profile, preview)
    VALUES ($1, $2, 'csv', $3, $4, '', $5, '[]')`,
    [id, projectId, blob, bytes, { kind: 'table', rows: 0, columns: [], warnings: [] }],
  )
  return id
}

export async function insertJob(
  store: Store,
  projectId: string,
  datasetId: string,
): Promise<string> {
  const id = newId('job')
  await store.db.query(
    `INSERT INTO jobs (id, project_id, dataset_id, spec, spec_sha256, plan, plan_bytes,
      numerics_version, progress)
    VALUES ($1, $2, $3, '{}', '', '{}', 0, 1, '{}')`,
    [id, projectId, datasetId],
  )
  return id
}

export async function insertCheckpoint(
  store: Store,
  projectId: string,
  jobId: string,
): Promise<string> {
  const [id, weights, rest] = [newId('checkpoint'), newId('blob'), newId('blob')]
  await store.db.query(`INSERT INTO blobs VALUES ($1, $3, 0, ''), ($2, $3, 0, '')`, [
    weights,
    rest,
    projectId,
  ])
  await store.db.query(
    `INSERT INTO checkpoints (id, job_id, step, epoch, fence, blob_id, bytes, sha256, rest_blob_id,
      plan_hash, numerics_version, preprocessing)
    VALUES ($1, $2, 1, 0, 1, $3, 0, '', $4, '', 1, '{}')`,
    [id, jobId, weights, rest],
  )
  return id
}
