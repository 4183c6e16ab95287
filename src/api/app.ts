/** @file The API, put together: plugins in the order in which a request meets them, then routes. */
import Fastify, { type FastifyInstance } from 'fastify'

import { createAuthenticator } from './authenticator.ts'
import type { ApiDependencies } from './dependencies.ts'
import { handleError } from './error-handler.ts'
import { createMetrics } from './metrics.ts'
import { authentication } from './plugins/authentication.ts'
import { expectations } from './plugins/expectations.ts'
import { jsonBody } from './plugins/json-body.ts'
import { lifecycle } from './plugins/lifecycle.ts'
import { notFound } from './plugins/not-found.ts'
import { openapi } from './plugins/openapi.ts'
import { rateLimits } from './plugins/rate-limits.ts'
import { requestLog } from './plugins/request-log.ts'
import { requestMetrics } from './plugins/request-metrics.ts'
import { routeTable } from './plugins/route-table.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { tracing } from './plugins/tracing.ts'
import { zodSchemas } from './plugins/zod-schemas.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { datasetContentRoutes } from './routes/dataset-content.ts'
import { datasetRoutes } from './routes/datasets.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { jobCheckpointRoutes } from './routes/job-checkpoints.ts'
import { jobEventRoutes } from './routes/job-events.ts'
import { jobLossRoutes } from './routes/job-losses.ts'
import { jobRunRoutes } from './routes/job-runs.ts'
import { jobWeightsRoutes } from './routes/job-weights.ts'
import { jobRoutes } from './routes/jobs.ts'
import { limitsRoutes } from './routes/limits.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { planRoutes } from './routes/plans.ts'
import { predictionRoutes } from './routes/predictions.ts'
import { projectRoutes } from './routes/projects.ts'
import { queueBoardRoutes } from './routes/queue-board.ts'
import { serverOptions } from './server-options.ts'
import { createStreamSlots } from './streams/stream-slots.ts'

/** Ready to listen; `close()` lets go of all that it opened. */
export async function createApp(dependencies: ApiDependencies): Promise<FastifyInstance> {
  const { store, limits, version, tracer } = dependencies
  const app = Fastify(serverOptions(dependencies))
  const authenticator = createAuthenticator({
    store,
    limits,
    onError: (error) => app.log.warn({ err: error }, 'the use of API keys was not recorded'),
  })
  const metrics = createMetrics(dependencies)
  const streamSlots = createStreamSlots()

  app.setErrorHandler(handleError)
  await app.register(lifecycle)
  await app.register(expectations)
  await app.register(routeTable)
  await app.register(requestMetrics, { metrics })
  await app.register(tracing, { tracer })
  await app.register(securityHeaders)
  await app.register(authentication, { authenticator })
  await app.register(requestLog)
  await app.register(rateLimits)
  await app.register(jsonBody)
  await app.register(zodSchemas)
  await app.register(openapi, { version })
  await app.register(notFound)

  await app.register(healthRoutes, { dependencies })
  await app.register(metricsRoutes, { metrics })
  await app.register(docsRoutes)
  await app.register(queueBoardRoutes, { dependencies })
  await app.register(datasetRoutes, { dependencies })
  await app.register(datasetContentRoutes, { dependencies })
  await app.register(limitsRoutes, { dependencies, streamSlots })
  await app.register(projectRoutes, { dependencies, authenticator })
  await app.register(apiKeyRoutes, { dependencies, authenticator })

  await app.register(planRoutes, { dependencies })
  await app.register(jobRoutes, { dependencies })
  await app.register(jobRunRoutes, { dependencies })
  await app.register(jobCheckpointRoutes, { dependencies })
  await app.register(jobLossRoutes, { dependencies })
  await app.register(jobWeightsRoutes, { dependencies })
  await app.register(predictionRoutes, { dependencies })
  await app.register(jobEventRoutes, {
    dependencies,
    streamSlots,
    openStreams: metrics.eventStreams,
  })

  await app.ready()
  return app
}
