/** @file Predictions as an answer: the thread has written it, so the event loop only hands it on. */
import type { FastifyReply } from 'fastify'

import { AppError } from '../../contract/errors.ts'
import type { PredictResult } from '../../contract/tasks.ts'

/** Errors: those that the thread found, such as `invalid_rows`. */
export function sendPredictions(reply: FastifyReply, result: PredictResult): FastifyReply {
  if (result.outcome === 'predicted') {
    return reply.type('application/json; charset=utf-8').send(Buffer.from(result.json.buffer))
  }
  const { code, detail, errors } = result.problem
  throw new AppError(code, detail, errors && { errors })
}
