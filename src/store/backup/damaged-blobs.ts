/**
 * @file Reads every blob back and compares it with the length and the SHA-256 of its row. Flat memory:
 * a few chunks at a time, whatever there is.
 */
import { createHash, type Hash } from 'node:crypto'

import type { Queryable } from '../transaction.ts'

export interface DamagedBlob {
  readonly id: string
  readonly expected: { readonly bytes: number; readonly sha256: string }
  readonly found: { readonly bytes: number; readonly sha256: string }
}

interface ChunkRow {
  readonly id: string
  /** bigint comes as text. */
  readonly bytes: string
  readonly sha256: string
  /** null for a blob that has no chunk. */
  readonly data: Buffer | null
}

/** Eight chunks are 8 MiB, and twice that as Postgres sends them. */
const chunksAtOnce = 8

/** To be run in a transaction. */
export async function findDamagedBlobs(transaction: Queryable): Promise<DamagedBlob[]> {
  await transaction.query(
    `DECLARE blob_reader NO SCROLL CURSOR FOR
    SELECT blobs.id, bytes, sha256, data FROM blobs
    LEFT JOIN blob_chunks ON blob_id = blobs.id ORDER BY blobs.id, index`,
  )
  const damaged: DamagedBlob[] = []
  let current: { row: ChunkRow; hash: Hash; bytes: number } | undefined

  function endBlob() {
    if (!current) return
    const { id, bytes, sha256 } = current.row
    const expected = { bytes: Number(bytes), sha256 }
    const found = { bytes: current.bytes, sha256: current.hash.digest('hex') }
    if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256) {
      damaged.push({ id, expected, found })
    }
  }

  for (;;) {
    const { rows } = await transaction.query<ChunkRow>(`FETCH ${chunksAtOnce} FROM blob_reader`)
    if (rows.length === 0) break
    for (const row of rows) {
      if (row.id !== current?.row.id) {
        endBlob()
        current = { row, hash: createHash('sha256'), bytes: 0 }
      }
      current.hash.update(row.data ?? '')
      current.bytes += row.data?.length ?? 0
    }
  }
  endBlob()
  await transaction.query('CLOSE blob_reader')
  return damaged
}
