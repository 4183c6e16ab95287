/** @file Weights as an answer, in the form that the client asked for. */
import type { FastifyReply } from 'fastify'

import { AppError } from '../../contract/errors.ts'
import { maxJsonWeightsBytes, type WeightsFormat } from '../../contract/weights.ts'
import type { JobWithWeights } from '../find-weights.ts'
import { entityTag, isKnown } from './entity-tag.ts'
import { describe, type FileExchange, sendFile, streamOf } from './send-file.ts'
import { weightsDocument } from './weights-document.ts'

export interface WeightsToSend extends JobWithWeights {
  /** The client's file is called so, less its ending. */
  readonly name: string
  /** The answer when they are removed before the first byte was read. */
  readonly whenGone: () => AppError
}

/**
 * Errors: `range_not_satisfiable`; `not_acceptable` for weights that are too large for JSON; that of
 * `whenGone`.
 */
export const sendWeights: Record<
  WeightsFormat,
  (exchange: FileExchange, found: WeightsToSend) => FastifyReply
> = {
  safetensors(exchange, { weights: { blobId, bytes, sha256 }, name, whenGone }) {
    return sendFile(exchange, {
      blobId,
      bytes,
      sha256,
      mediaType: 'application/octet-stream',
      fileName: `${name}.safetensors`,
      whenGone,
    })
  },

  json({ store, request, reply }, { job, weights, name, whenGone }) {
    const { blobId, bytes, sha256, preprocessing } = weights
    if (bytes > maxJsonWeightsBytes) {
      throw new AppError(
        'not_acceptable',
        `These weights have ${bytes} bytes, and JSON is written for at most ${maxJsonWeightsBytes}: ` +
          'ask for format=safetensors.',
      )
    }
    const tag = entityTag(sha256, 'json')
    reply.headers({ etag: tag, 'cache-control': 'private, no-cache', 'accept-ranges': 'none' })
    if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()
    reply.headers(describe({ mediaType: 'application/json', fileName: `${name}.json` }))
    if (request.method === 'HEAD') return reply.send()
    return reply.send(
      streamOf(weightsDocument(store, { jobId: job.id, blobId, bytes, preprocessing }), whenGone),
    )
  },
}
