/**
 * @file How long requests take, by route and status. An event stream goes past the framework, which
 * calls no onResponse for it: it is open for hours by design.
 */
import fp from 'fastify-plugin'

import type { Metrics } from '../metrics.ts'

export const requestMetrics = fp<{ readonly metrics: Metrics }>(async (app, { metrics }) => {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const labels = { method: request.method, route, status: reply.statusCode }
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1000)
    request.log.debug({ ...labels, ms: Math.round(reply.elapsedTime) }, 'answered')
  })
})
