/** @file What a run can go on from: the checkpoints of its job, and their files, checked. */
import { createHash } from 'node:crypto'

import { BlobGone, readBlob } from '../blobs/read-blob.ts'
import { isDamagedData } from '../database-errors.ts'
import type { Queryable } from '../transaction.ts'

export interface StoredBlob {
  readonly id: string
  readonly bytes: number
  readonly sha256: string
}

export interface ResumableCheckpoint {
  readonly id: string
  readonly step: number
  readonly epoch: number
  readonly weights: StoredBlob
  readonly rest: StoredBlob
}

interface ResumableRow {
  readonly id: string
  readonly step: number
  readonly epoch: number
  readonly blob_id: string
  readonly bytes: string
  readonly sha256: string
  readonly rest_blob_id: string
  readonly rest_bytes: string
  readonly rest_sha256: string
}

/** The latest first. Those that the job left behind when it started over are not among them. */
export async function readResumable(db: Queryable, jobId: string): Promise<ResumableCheckpoint[]> {
  const { rows } = await db.query<ResumableRow>(
    `SELECT c.id, c.step, c.epoch, c.blob_id, c.bytes, c.sha256,
      c.rest_blob_id, rest.bytes AS rest_bytes, rest.sha256 AS rest_sha256
    FROM checkpoints c JOIN blobs rest ON rest.id = c.rest_blob_id
    WHERE c.job_id = $1 AND c.fence > 0 ORDER BY c.step DESC`,
    [jobId],
  )
  return rows.map(({ id, step, epoch, ...row }) => ({
    id,
    step,
    epoch,
    weights: { id: row.blob_id, bytes: Number(row.bytes), sha256: row.sha256 },
    rest: { id: row.rest_blob_id, bytes: Number(row.rest_bytes), sha256: row.rest_sha256 },
  }))
}

/** The whole file; null where it is not what was written. */
export async function readChecked(
  db: Queryable,
  { id, bytes, sha256 }: StoredBlob,
  onPiece: () => void = () => {},
): Promise<ArrayBuffer | null> {
  const file = new Uint8Array(bytes)
  const hash = createHash('sha256')
  let offset = 0
  try {
    for await (const piece of readBlob(db, id, { start: 0, end: bytes })) {
      hash.update(piece)
      file.set(piece, offset)
      offset += piece.length
      onPiece()
    }
  } catch (error) {
    if (error instanceof BlobGone || isDamagedData(error)) return null
    throw error
  }
  return hash.digest('hex') === sha256 ? file.buffer : null
}
