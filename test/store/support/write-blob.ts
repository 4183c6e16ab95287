/** @file Writes a blob that is wholly in memory, as tests have theirs. */
import { createBlobWriter, type WrittenBlob } from '../../../src/store/blobs/write-blob.ts'
import type { Queryable } from '../../../src/store/transaction.ts'

export async function writeBlob(
  transaction: Queryable,
  projectId: string,
  content: Uint8Array,
): Promise<WrittenBlob> {
  const writer = await createBlobWriter(transaction, projectId)
  await writer.write(content)
  return writer.end()
}
