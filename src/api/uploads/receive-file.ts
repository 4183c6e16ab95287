/**
 * @file A file on its way in: every piece is counted, hashed and stored, and read by a parsing thread
 * at the same time. Nothing of it is visible before the transaction commits.
 */
import type { DatasetFormat } from '../../contract/datasets.ts'
import { createBlobWriter, type WrittenBlob } from '../../store/blobs/write-blob.ts'
import { countDatasetBytes } from '../../store/dataset-bytes.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { checkBytes } from './check-bytes.ts'
import { parseInTime } from './parse-in-time.ts'
import type { ParsedFile } from './parse-session.ts'

export interface IncomingFile {
  readonly format: DatasetFormat
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** As the client announced it; undefined when it did not. */
  readonly announcedBytes?: number | undefined
}

export type ReceivedFile = ParsedFile & {
  readonly format: DatasetFormat
  readonly blob: WrittenBlob
}

/**
 * Errors: `payload_too_large`, `quota_exceeded`, `invalid_dataset`, `unavailable`, and those of
 * `pieces`.
 */
export async function receiveFile(
  transaction: Queryable,
  projectId: string,
  { pool, limits }: Pick<ApiDependencies, 'pool' | 'limits'>,
  { format, pieces, announcedBytes = 0 }: IncomingFile,
): Promise<ReceivedFile> {
  const used = await countDatasetBytes(transaction, projectId)
  checkBytes(announcedBytes, used, limits)

  const parsing = parseInTime(pool, { format, maxColumns: limits.dataset_columns, projectId })
  try {
    const writer = await createBlobWriter(transaction, projectId)
    for await (const piece of pieces) {
      checkBytes(writer.bytesWritten + piece.length, used, limits)
      await both(parsing.write(piece), writer.write(piece))
    }
    const [parsed, blob] = await both(parsing.end(), writer.end())
    return { format, blob, ...parsed }
  } finally {
    parsing.close()
  }
}

/**
 * When parsing fails, not before writing has ended too: the transaction is rolled back then, and its
 * connection may be another's when the next statement of the writer is sent.
 */
async function both<Parsed, Written>(
  parsing: Promise<Parsed>,
  writing: Promise<Written>,
): Promise<[Parsed, Written]> {
  try {
    return await Promise.all([parsing, writing])
  } catch (error) {
    await writing.catch(() => {})
    throw error
  }
}
