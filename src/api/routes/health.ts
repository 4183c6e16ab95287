/** @file /livez: the process answers. /readyz: it can do its work, and what of it not. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { Live, Readiness } from '../../contract/health.ts'
import { judgeReadiness } from '../../contract/readiness.ts'
import { isMigrated } from '../../store/is-migrated.ts'
import type { ApiDependencies } from '../dependencies.ts'

export interface HealthRoutesOptions {
  readonly dependencies: Pick<
    ApiDependencies,
    'store' | 'queue' | 'pool' | 'version' | 'calibration'
  >
}

export const healthRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, options) => {
  const { store, queue, pool, version, calibration } = options.dependencies

  app.get(
    '/livez',
    {
      config: { public: true },
      schema: { summary: 'Is the process alive?', tags: ['service'], response: { 200: Live } },
    },
    async () => ({ status: 'alive' as const, version }),
  )

  app.get(
    '/readyz',
    {
      config: { public: true },
      schema: {
        summary: 'Can the service do its work?',
        tags: ['service'],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const { status, statusCode, checks } = await judgeReadiness({
        isDraining: app.isDraining,
        isMigrated: () => isMigrated(store.db),
        pingQueue: queue.ping,
      })
      return reply.code(statusCode).send({
        status,
        version,
        checks: {
          ...checks,
          queue_backend: queue.backend,
          kernels: calibration.kernels,
          pool: { free_threads: pool.free().threads, waiting_tasks: pool.waiting() },
        },
      })
    },
  )
}
