/** @file POST /v1/datasets, from its first byte to its answer: one transaction, however long it takes. */
import { createHash } from 'node:crypto'

import type { FastifyReply } from 'fastify'

import type { DatasetFormat, UploadQuery } from '../../contract/datasets.ts'
import { fromJson } from '../../store/json.ts'
import { letTransactionWait } from '../../store/let-transaction-wait.ts'
import type { Queryable } from '../../store/transaction.ts'
import { limitsOf, projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { findDataset } from '../find-dataset.ts'
import { answerIdempotently } from '../idempotency.ts'
import { datasetOf, presentDataset } from '../presenters/dataset.ts'
import { transferTimeoutMs } from '../timeouts.ts'
import { captionFile } from './caption-file.ts'
import { discardRest } from './discard-rest.ts'
import { readUpload, type UploadRequest } from './read-upload.ts'
import { type IncomingFile, receiveFile } from './receive-file.ts'
import type { UploadSlots } from './upload-slots.ts'

export interface UploadDependencies extends Pick<ApiDependencies, 'store' | 'pool'> {
  readonly slots: UploadSlots
}

/** Errors: those of `readUpload` and `captionFile`; a refused upload leaves nothing behind. */
export async function answerUpload(
  dependencies: UploadDependencies,
  request: UploadRequest,
  reply: FastifyReply,
): Promise<void> {
  const { store, pool, slots } = dependencies
  const projectParts = { pool, limits: limitsOf(request) }
  const projectId = projectIdOf(request)
  let hash: string | undefined
  let release = () => {}
  try {
    release = await slots.acquire(projectId)
    await answerIdempotently(
      {
        store,
        request,
        reply,
        collection: '/v1/datasets',
        async restore(kept) {
          const { id } = fromJson<{ id: string }>(kept)
          return presentDataset(datasetOf(await findDataset(dependencies, projectId, id)))
        },
        isBulk: true,
        async bodyHash(transaction) {
          hash ??= await hashUpload(transaction, request)
          return hash
        },
      },
      async (transaction) => {
        await letTransactionWait(transaction, transferTimeoutMs)
        const { file, fields } = await readUpload(request, (incoming) =>
          receiveFile(transaction, projectId, projectParts, incoming),
        )
        hash = hashOf({ format: file.format, sha256: file.blob.sha256 }, fields)
        const caption = { name: fields.name ?? null, labels: fields.label ?? {} }
        const dataset = await captionFile(transaction, projectId, projectParts, file, caption)
        const { id } = dataset
        return { status: 201, body: presentDataset(dataset), kept: { id, object: 'dataset' } }
      },
    )
  } finally {
    release()
    discardRest(request.raw)
  }
}

/** What came again is only compared: read to its end, neither stored nor parsed. */
async function hashUpload(transaction: Queryable, request: UploadRequest): Promise<string> {
  await letTransactionWait(transaction, transferTimeoutMs)
  const { file, fields } = await readUpload(request, hashFile)
  return hashOf(file, fields)
}

async function hashFile({ format, pieces }: IncomingFile): Promise<FileHash> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return { format, sha256: hash.digest('hex') }
}

interface FileHash {
  readonly format: DatasetFormat
  readonly sha256: string
}

function hashOf({ format, sha256 }: FileHash, { name, label }: UploadQuery): string {
  return JSON.stringify([format, sha256, name, label])
}
