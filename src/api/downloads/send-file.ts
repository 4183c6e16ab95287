/**
 * @file A stored file as an answer: whole, a part of it, or "you have it already". It is read chunk by
 * chunk as fast as the client takes it, so memory stays flat whatever its size.
 */
import { Readable } from 'node:stream'

import type { FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '../../contract/errors.ts'
import { BlobGone } from '../../store/blobs/read-blob.ts'
import type { Store } from '../../store/store.ts'
import { rangeOf } from './byte-range.ts'
import { entityTag, isKnown, isSame } from './entity-tag.ts'

export interface StoredFile {
  readonly blobId: string
  readonly bytes: number
  readonly sha256: string
  readonly mediaType: string
  /** What the client's file is called; of letters that need no quoting. */
  readonly fileName: string
  /** The answer when its owner is deleted before the first byte was read. */
  readonly whenGone: () => AppError
}

export interface FileExchange {
  readonly store: Pick<Store, 'readBlob'>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Errors: `range_not_satisfiable`, and that of `whenGone`. */
export function sendFile({ store, request, reply }: FileExchange, file: StoredFile): FastifyReply {
  const { blobId, bytes } = file
  const tag = entityTag(file.sha256)
  reply.headers({ etag: tag, 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' })
  if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()

  const { range: header } = request.headers
  const isPartWanted = request.method === 'GET' && isSame(request.headers['if-range'], tag)
  const range = isPartWanted ? rangeOf(header, bytes) : null
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${bytes}`)
    throw new AppError('range_not_satisfiable', `The file has ${bytes} bytes; got ${header}.`)
  }
  const { start, end } = range ?? { start: 0, end: bytes }
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${bytes}`)
  reply.headers({ ...describe(file), 'content-length': end - start })
  if (request.method === 'HEAD') return reply.send()
  return reply.send(streamOf(store.readBlob(blobId, { start, end }), file.whenGone))
}

export function describe({ mediaType, fileName }: Pick<StoredFile, 'mediaType' | 'fileName'>) {
  return {
    'content-type': mediaType,
    'content-disposition': `attachment; filename="${fileName}"`,
  }
}

/** One piece ahead of the client, and no more. */
export function streamOf(pieces: AsyncIterable<Uint8Array>, whenGone: () => AppError): Readable {
  return Readable.from(orGone(pieces, whenGone), { objectMode: false, highWaterMark: 1 })
}

async function* orGone(pieces: AsyncIterable<Uint8Array>, whenGone: () => AppError) {
  try {
    yield* pieces
  } catch (error) {
    throw error instanceof BlobGone ? whenGone() : error
  }
}
