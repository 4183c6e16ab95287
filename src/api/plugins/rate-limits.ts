/**
 * @file How many requests a project may send a minute, all its keys together; or a key of the instance.
 * Counted in this process, from second to second: what may come at once, token-buckets.ts says.
 *
 * Public routes are not counted, and neither is what comes without a valid key: that ends at a
 * look-up by primary key.
 */
import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'
import { createTokenBuckets } from '../token-buckets.ts'

const inSeconds = (ms: number) => Math.ceil(ms / 1000)

export const rateLimits = fp(async (app) => {
  const buckets = createTokenBuckets()

  app.addHook('onRequest', async ({ caller }, reply) => {
    if (!caller) return
    const { requests_per_minute: max } = caller.limits
    const owner = caller.projectId ?? caller.keyId
    const taken = buckets.take(owner, max, performance.now())
    reply.headers({
      'ratelimit-limit': max,
      'ratelimit-remaining': taken.remaining,
      'ratelimit-reset': inSeconds(taken.fullInMs),
    })
    if (taken.isGranted) return
    const retryAfterSeconds = Math.max(1, inSeconds(taken.nextInMs))
    const whose = caller.projectId ? 'project' : 'key'
    throw new AppError(
      'rate_limited',
      `This ${whose} may send ${max} requests a minute (requests_per_minute); it may go on in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    )
  })
})
