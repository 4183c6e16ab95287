/**
 * @file For how long an answer is wanted: until its client has gone, or has waited as long as may be.
 * What waits for a thread leaves the queue then.
 *
 * Fastify's own `request.signal` aborts as soon as the body has been read, and its handler timeout is
 * over with it.
 */
import type { FastifyReply } from 'fastify'

import { AppError } from '../contract/errors.ts'
import { handlerTimeoutMs } from './timeouts.ts'

/** Its reason is an AppError. */
export function whileWanted({ raw }: FastifyReply, withinMs = handlerTimeoutMs): AbortSignal {
  if (raw.destroyed) return AbortSignal.abort(clientLeft())
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(tookTooLong()), withinMs)
  raw.once('close', () => {
    clearTimeout(timer)
    controller.abort(clientLeft())
  })
  return controller.signal
}

/** For the log: nobody reads it. */
function clientLeft(): AppError {
  return new AppError('request_timeout', 'The client left before its answer was there.')
}

function tookTooLong(): AppError {
  return new AppError('unavailable', 'The answer took too long.', { retryAfterSeconds: 2 })
}
