/** @file Rows that come inside a job: they become a dataset like any other, as a file of JSON. */
import type { Row, TableProfile } from '../../contract/datasets.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { fileOfRows, pointingAtRows, tableOf } from './inline-rows.ts'
import { storeDataset } from './store-dataset.ts'

export interface StoredRows {
  readonly id: string
  readonly bytes: number
  readonly profile: TableProfile
}

/** To be run in a transaction. Errors: `invalid_dataset`, `quota_exceeded`, `payload_too_large`. */
export function storeRows(
  dependencies: Pick<ApiDependencies, 'pool' | 'limits'>,
  transaction: Queryable,
  projectId: string,
  rows: readonly Row[],
  name: string | null,
): Promise<StoredRows> {
  return pointingAtRows(async () => {
    const file = fileOfRows(rows)
    const { id, bytes, profile } = await storeDataset(transaction, projectId, dependencies, {
      name,
      labels: {},
      format: 'json',
      pieces: [file],
      announcedBytes: file.length,
    })
    return { id, bytes, profile: tableOf(profile) }
  })
}
