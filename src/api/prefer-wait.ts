/** @file `Prefer: wait=30` (RFC 7240): the client would rather wait for the end than ask again. */
import type { FastifyRequest } from 'fastify'

/** Longer ones are cut to this: proxies close what is silent for a minute. */
export const maxWaitSeconds = 50

/** null when the client does not want to wait, or says so in a way that is not understood. */
export function preferredWaitSeconds({ headers }: Pick<FastifyRequest, 'headers'>): number | null {
  const { prefer } = headers
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')
  const seconds = /(?:^|[,;\s])wait\s*=\s*(\d{1,6})(?=$|[,;\s])/.exec(text)?.[1]
  return seconds === undefined ? null : Math.min(Number(seconds), maxWaitSeconds)
}
