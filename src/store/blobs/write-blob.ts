/**
 * @file Writing a blob, piece by piece, inside its owner's transaction.
 *
 * Nothing is visible before the owner's row commits with it, and a cut upload or a lost lease rolls
 * all of it back: there are no orphans to collect.
 */
import { createHash } from 'node:crypto'

import { newId } from '../../contract/ids.ts'
import { crashPoint } from '../../faults/crash-point.ts'
import type { Queryable } from '../transaction.ts'
import { chunkBytes } from './chunks.ts'

export interface WrittenBlob {
  readonly id: string
  readonly bytes: number
  readonly sha256: string
}

export interface BlobWriter {
  readonly bytesWritten: number
  write(piece: Uint8Array): Promise<void>
  end(): Promise<WrittenBlob>
}

export async function createBlobWriter(
  transaction: Queryable,
  projectId: string,
): Promise<BlobWriter> {
  const id = newId('blob')
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(chunkBytes)
  let filled = 0
  let index = 0
  let bytes = 0

  // The chunks refer to this row; its length and hash are known at the end.
  await transaction.query(
    `INSERT INTO blobs (id, project_id, bytes, sha256) VALUES ($1, $2, 0, '')`,
    [id, projectId],
  )
  crashPoint('blob.begun')

  async function flush(): Promise<void> {
    await transaction.query('INSERT INTO blob_chunks (blob_id, index, data) VALUES ($1, $2, $3)', [
      id,
      index,
      chunk.subarray(0, filled),
    ])
    crashPoint('blob.chunk_written')
    index += 1
    filled = 0
  }

  return {
    get bytesWritten() {
      return bytes
    },

    async write(piece) {
      hash.update(piece)
      bytes += piece.length
      for (let offset = 0; offset < piece.length; ) {
        const taken = Math.min(chunkBytes - filled, piece.length - offset)
        chunk.set(piece.subarray(offset, offset + taken), filled)
        filled += taken
        offset += taken
        if (filled === chunkBytes) await flush()
      }
    },

    async end() {
      if (filled > 0) await flush()
      const sha256 = hash.digest('hex')
      await transaction.query('UPDATE blobs SET bytes = $2, sha256 = $3 WHERE id = $1', [
        id,
        bytes,
        sha256,
      ])
      crashPoint('blob.ended')
      return { id, bytes, sha256 }
    },
  }
}
