/** @file /metrics: numbers for Prometheus. */
import type { FastifyPluginAsync } from 'fastify'

import type { Metrics } from '../metrics.ts'

export interface MetricsRoutesOptions {
  readonly metrics: Metrics
}

export const metricsRoutes: FastifyPluginAsync<MetricsRoutesOptions> = async (app, options) => {
  const { registry } = options.metrics
  app.get(
    '/metrics',
    {
      config: { public: true },
      schema: { summary: 'Metrics in the text format of Prometheus', tags: ['service'] },
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}
