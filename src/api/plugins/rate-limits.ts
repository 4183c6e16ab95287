/**
 * @file How many requests a key may send a minute, counted in this process.
 *
 * Public routes are not counted, and neither is what comes without a valid key: that ends at a
 * look-up by primary key.
 */
import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'

export interface RateLimitsOptions {
  readonly requestsPerMinute: number
}

const windowMs = 60_000

export const rateLimits = fp<RateLimitsOptions>(async (app, { requestsPerMinute }) => {
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: windowMs,
    enableDraftSpec: true, // RateLimit-Limit, -Remaining, -Reset
    keyGenerator: ({ caller }) => caller?.keyId ?? '',
    allowList: ({ caller }) => caller === null,
    errorResponseBuilder: (_request, { max, ttl }) => {
      const retryAfterSeconds = Math.ceil(ttl / 1000)
      return new AppError(
        'rate_limited',
        `This key may send ${max} requests a minute; it may go on in ${retryAfterSeconds} s.`,
        { retryAfterSeconds },
      )
    },
  })
})
