/** @file Reading a blob, one chunk at a time, so that memory stays flat whatever its size. */
import type { Queryable } from '../transaction.ts'
import { chunkBytes } from './chunks.ts'

export interface BlobRange {
  /** The first byte. */
  readonly start: number
  /** One past the last byte. */
  readonly end: number
}

/**
 * Yields the bytes of the range in order. Errors: throws when a chunk has gone, as when the owner
 * is deleted under a reader; what was sent by then cannot be taken back.
 */
export async function* readBlob(
  db: Queryable,
  blobId: string,
  { start, end }: BlobRange,
): AsyncGenerator<Buffer, void> {
  for (let index = Math.floor(start / chunkBytes); index * chunkBytes < end; index++) {
    const { rows } = await db.query<{ data: Buffer }>(
      'SELECT data FROM blob_chunks WHERE blob_id = $1 AND index = $2',
      [blobId, index],
    )
    const chunk = rows[0]?.data
    if (!chunk) throw new Error(`Blob ${blobId} has no chunk ${index}: it was deleted meanwhile.`)
    const first = index * chunkBytes
    yield chunk.subarray(Math.max(0, start - first), Math.min(chunk.length, end - first))
  }
}

/** The whole blob in shared memory, for a thread to read without a copy. */
export async function readBlobIntoSharedMemory(
  db: Queryable,
  blobId: string,
  bytes: number,
): Promise<SharedArrayBuffer> {
  const shared = new SharedArrayBuffer(bytes)
  const view = new Uint8Array(shared)
  let offset = 0
  for await (const chunk of readBlob(db, blobId, { start: 0, end: bytes })) {
    view.set(chunk, offset)
    offset += chunk.length
  }
  return shared
}
