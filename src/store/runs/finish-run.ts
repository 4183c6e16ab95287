/**
 * @file The end of one run: small ones of one moment go in one statement, a large one has its own, in
 * a transaction on connections of its own when its weights take more than a chunk.
 */
import type pg from 'pg'

import { newId } from '../../contract/ids.ts'
import type { JobStatus } from '../../contract/jobs.ts'
import { crashPoint } from '../../faults/crash-point.ts'
import { chunkBytes } from '../blobs/chunks.ts'
import { isRefusedStatement } from '../database-errors.ts'
import { gather } from '../gather.ts'
import { inScopedTransaction, type Queryable } from '../transaction.ts'
import type { Claim } from './claim-next.ts'
import { type EndedRun, finishRuns, type RunEnd } from './finish-runs.ts'

/** A larger end takes milliseconds: others would wait for it, and gain little. */
const smallBytes = 64 * 1024
const smallPoints = 200

/** Returns what the job became, or null when the claim was lost: nothing was written then. */
export type FinishRun = (claim: Claim, end: RunEnd) => Promise<JobStatus | null>

export interface FinishPools {
  /** Of statements that take milliseconds. */
  readonly runPool: pg.Pool
  /** Of weights that take seconds, and longer on a slow disk: leases are not to wait for them. */
  readonly resultPool: pg.Pool
}

export function createFinishRun(pools: FinishPools): FinishRun {
  const finishTogether = gather((ended: readonly EndedRun[]) => finishRuns(pools.runPool, ended), {
    isOfOne: isRefusedStatement,
  })
  return (claim, end) =>
    isSmall(end) ? finishTogether({ claim, end }) : finishAlone(pools, { claim, end })
}

function isSmall({ weights, unwritten }: RunEnd): boolean {
  const points = unwritten?.points.length ?? 0
  return (weights?.content.length ?? 0) <= smallBytes && points <= smallPoints
}

async function finishAlone(
  { runPool, resultPool }: FinishPools,
  ended: EndedRun,
): Promise<JobStatus | null> {
  const content = ended.end.weights?.content
  if (!content || content.length <= chunkBytes) return finishOne(runPool, ended, newId('blob'))

  const blobId = newId('blob')
  return inScopedTransaction(resultPool, 'weights', async (transaction) => {
    const status = await finishOne(transaction, ended, blobId)
    if (status === 'succeeded') await writeFurtherChunks(transaction, blobId, content)
    return status
  })
}

async function finishOne(
  db: Queryable,
  ended: EndedRun,
  blobId: string,
): Promise<JobStatus | null> {
  const [status] = await finishRuns(db, [ended], [blobId])
  return status ?? null
}

async function writeFurtherChunks(
  transaction: Queryable,
  blobId: string,
  content: Uint8Array,
): Promise<void> {
  for (let index = 1; index * chunkBytes < content.length; index++) {
    const chunk = asBuffer(content.subarray(index * chunkBytes, (index + 1) * chunkBytes))
    await transaction.query('INSERT INTO blob_chunks (blob_id, index, data) VALUES ($1, $2, $3)', [
      blobId,
      index,
      chunk,
    ])
    crashPoint('weights.chunk_written')
  }
}

/** A view, not a copy: pg takes bytes as a Buffer. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
