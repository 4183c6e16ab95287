/** @file Rows that come inside a plan: read as a job would read them, and forgotten. */
import type { Row } from '../../contract/datasets.ts'
import { newId } from '../../contract/ids.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { checkBytes } from './check-bytes.ts'
import { fileOfRows, pointingAtRows, tableOf } from './inline-rows.ts'
import { startParsing } from './parse-session.ts'
import type { StoredRows } from './store-rows.ts'

/** The id is nobody's. Errors: `invalid_dataset`, `payload_too_large`. */
export function profileRows(
  { pool, limits }: Pick<ApiDependencies, 'pool' | 'limits'>,
  projectId: string,
  rows: readonly Row[],
): Promise<StoredRows> {
  return pointingAtRows(async () => {
    const file = fileOfRows(rows)
    checkBytes(file.length, 0, limits)
    const parsing = startParsing(pool, {
      format: 'json',
      maxColumns: limits.dataset_columns,
      projectId,
      isWhole: true,
    })
    try {
      await parsing.write(file)
      const { profile } = await parsing.end()
      return { id: newId('dataset'), bytes: file.length, profile: tableOf(profile) }
    } finally {
      parsing.close()
    }
  })
}
