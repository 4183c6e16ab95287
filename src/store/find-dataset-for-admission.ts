/**
 * @file A dataset as admission needs it, read on the connection that is given: a transaction that
 * asked the pool for a second one would wait for others that do the same.
 */
import type { DatasetProfile } from '../contract/datasets.ts'
import { fromJson } from './json.ts'
import type { Queryable } from './transaction.ts'

export interface DatasetForAdmission {
  readonly bytes: number
  readonly profile: DatasetProfile
}

export async function findDatasetForAdmission(
  db: Queryable,
  projectId: string,
  datasetId: string,
): Promise<DatasetForAdmission | null> {
  const { rows } = await db.query<{ bytes: string; profile: unknown }>({
    name: 'find-dataset-for-admission',
    text: 'SELECT bytes, profile FROM datasets WHERE project_id = $1 AND id = $2',
    values: [projectId, datasetId],
  })
  const [row] = rows
  if (!row) return null
  return { bytes: Number(row.bytes), profile: fromJson<DatasetProfile>(row.profile) }
}
