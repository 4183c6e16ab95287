/**
 * @file How many requests a project may send a minute, all its keys together; or a key of the instance.
 * Counted in this process.
 *
 * Public routes are not counted, and neither is what comes without a valid key: that ends at a
 * look-up by primary key.
 */
import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'

const windowMs = 60_000

export const rateLimits = fp(async (app) => {
  await app.register(rateLimit, {
    max: ({ caller }) => caller?.limits.requests_per_minute ?? 0, // 0 only where none are counted
    timeWindow: windowMs,
    enableDraftSpec: true, // RateLimit-Limit, -Remaining, -Reset
    keyGenerator: ({ caller }) => caller?.projectId ?? caller?.keyId ?? '',
    allowList: ({ caller }) => caller === null,
    errorResponseBuilder: ({ caller }, { max, ttl }) => {
      const retryAfterSeconds = Math.ceil(ttl / 1000)
      return new AppError(
        'rate_limited',
        `This ${caller?.projectId ? 'project' : 'key'} may send ${max} requests a minute (requests_per_minute); it may go on in ${retryAfterSeconds} s.`,
        { retryAfterSeconds },
      )
    },
  })
})
