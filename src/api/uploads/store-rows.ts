/** @file Rows that come inside a job: they become a dataset like any other, as a file of JSON. */
import type { TableProfile } from '../../contract/datasets.ts'
import { createBlobWriter } from '../../store/blobs/write-blob.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { captionFile } from './caption-file.ts'
import { tableOf } from './inline-rows.ts'
import type { ReadRows } from './read-rows.ts'

export interface StoredRows {
  readonly id: string
  readonly bytes: number
  readonly profile: TableProfile
}

/** To be run in a transaction. Errors: `quota_exceeded`, `payload_too_large`. */
export async function storeRows(
  transaction: Queryable,
  projectId: string,
  limits: Pick<ApiDependencies, 'limits'>,
  { file, profile, preview }: ReadRows,
  name: string | null,
): Promise<StoredRows> {
  const writer = await createBlobWriter(transaction, projectId)
  await writer.write(file)
  const received = { format: 'json', blob: await writer.end(), profile, preview } as const
  const caption = { name, labels: {} }
  const { id, bytes } = await captionFile(transaction, projectId, limits, received, caption)
  return { id, bytes, profile: tableOf(profile) }
}
