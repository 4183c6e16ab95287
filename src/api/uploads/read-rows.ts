/**
 * @file Rows that come inside a plan or a job, read by a parsing thread. It may have to wait for one, so
 * this comes before any transaction: a connection that waited along would be missed by everybody.
 */
import type { Row } from '../../contract/datasets.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { checkBytes } from './check-bytes.ts'
import { fileOfRows, pointingAtRows } from './inline-rows.ts'
import { type ParsedFile, startParsing } from './parse-session.ts'

export type ReadRows = ParsedFile & {
  /** The rows as the file that they become. */
  readonly file: Buffer
}

/** Errors: `invalid_dataset`, `payload_too_large`, `unavailable` when no thread was free. */
export function readRows(
  { pool, limits }: Pick<ApiDependencies, 'pool' | 'limits'>,
  projectId: string,
  rows: readonly Row[],
): Promise<ReadRows> {
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
      return { file, ...(await parsing.end()) }
    } finally {
      parsing.close()
    }
  })
}
