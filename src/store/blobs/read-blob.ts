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
 * What one read takes: Postgres sends bytes as text of twice their length, and a whole chunk at a
 * time left so much to collect that a download of 500 MB took 186 MB; in these pieces 115 MB.
 * Chunks are stored uncompressed, so a part of one is read alone.
 */
const pieceBytes = 262_144

/** Its owner was deleted under the reader. */
export class BlobGone extends Error {
  constructor(blobId: string, offset: number) {
    super(`Blob ${blobId} has no byte ${offset}: it was deleted meanwhile.`)
    this.name = 'BlobGone'
  }
}

/** Yields the bytes of the range in order. Errors: BlobGone; what was sent by then stays sent. */
export async function* readBlob(
  db: Queryable,
  blobId: string,
  { start, end }: BlobRange,
): AsyncGenerator<Buffer, void> {
  for (let offset = start; offset < end; ) {
    const index = Math.floor(offset / chunkBytes)
    const first = offset - index * chunkBytes
    const length = Math.min(pieceBytes, chunkBytes - first, end - offset)
    const { rows } = await db.query<{ piece: Buffer }>({
      name: 'read-piece',
      text: `SELECT substring(data FROM $3 FOR $4) AS piece FROM blob_chunks
        WHERE blob_id = $1 AND index = $2`,
      values: [blobId, index, first + 1, length],
    })
    const piece = rows[0]?.piece
    if (piece?.length !== length) throw new BlobGone(blobId, offset)
    yield piece
    offset += length
  }
}

/** The whole blob in shared memory, for a thread to read without a copy. Errors: BlobGone. */
export async function readBlobIntoSharedMemory(
  db: Queryable,
  blobId: string,
  bytes: number,
  onPiece: () => void = () => {},
): Promise<SharedArrayBuffer> {
  const shared = new SharedArrayBuffer(bytes)
  const view = new Uint8Array(shared)
  let offset = 0
  for await (const chunk of readBlob(db, blobId, { start: 0, end: bytes })) {
    view.set(chunk, offset)
    offset += chunk.length
    onPiece()
  }
  return shared
}
