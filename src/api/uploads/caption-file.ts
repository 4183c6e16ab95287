/** @file The one way a dataset comes into being, for uploads and for rows that come inside a job. */
import type { Labels } from '../../contract/common.ts'
import { newId } from '../../contract/ids.ts'
import { countDatasetBytes, lockDatasetBytes } from '../../store/dataset-bytes.ts'
import { createDataset } from '../../store/datasets.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import type { PresentableDataset } from '../presenters/dataset.ts'
import { checkBytes } from './check-bytes.ts'
import type { ReceivedFile } from './receive-file.ts'

export interface DatasetCaption {
  readonly name: string | null
  readonly labels: Labels
}

/**
 * Makes a received file a dataset; to be run in a transaction. Other uploads may have ended since its bytes were counted, so they
 * are once more, and none ends in between.
 * Errors: `quota_exceeded`, `project_not_found`.
 */
export async function captionFile(
  transaction: Queryable,
  projectId: string,
  { limits }: Pick<ApiDependencies, 'limits'>,
  { format, blob, profile, preview }: ReceivedFile,
  { name, labels }: DatasetCaption,
): Promise<PresentableDataset> {
  await lockDatasetBytes(transaction, projectId)
  checkBytes(blob.bytes, await countDatasetBytes(transaction, projectId), limits)
  const id = newId('dataset')
  const dataset = { id, name, labels, format, blob, profile, preview }
  const createdAt = await createDataset(transaction, projectId, dataset)
  const { bytes, sha256 } = blob
  return { id, name, labels, format, bytes, sha256, profile, createdAt }
}
