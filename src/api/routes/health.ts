/**
 * @file /livez: the process answers. /readyz: it can do its work, and what of it not.
 *
 * Without the database nothing works: 503. Without the queue jobs are accepted and wait: degraded.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { Live, Readiness } from '../../contract/health.ts'
import { isMigrated } from '../../store/is-migrated.ts'
import type { ApiDependencies } from '../dependencies.ts'

export interface HealthRoutesOptions {
  readonly dependencies: Pick<
    ApiDependencies,
    'store' | 'queue' | 'pool' | 'version' | 'calibration'
  >
}

/** A probe wants an answer before it gives up, which is often after a few seconds. */
const patienceMs = 2_000

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
      const [schema, queueState] = await Promise.all([
        within(patienceMs, isMigrated(store.db)),
        within(patienceMs, queue.ping()),
      ])
      const readiness = judge({ isDraining: app.isDraining(), schema, queueState })
      const checks = {
        ...readiness.checks,
        queue_backend: queue.backend,
        kernels: calibration.kernels,
        pool: { free_threads: pool.free().threads, waiting_tasks: pool.waiting() },
      }
      const status = readiness.status === 'unavailable' ? 503 : 200
      return reply.code(status).send({ status: readiness.status, version, checks })
    },
  )
}

type Outcome<T> = { readonly answer: T } | 'down'

interface Findings {
  readonly isDraining: boolean
  readonly schema: Outcome<boolean>
  readonly queueState: Outcome<void>
}

function judge({ isDraining, schema, queueState }: Findings) {
  const database = schema === 'down' ? ('down' as const) : ('up' as const)
  const isSchemaReady = schema !== 'down' && schema.answer
  const queue = queueState === 'down' ? ('down' as const) : ('up' as const)
  const isAble = !isDraining && isSchemaReady
  const status = isAble ? (queue === 'up' ? 'ready' : 'degraded') : 'unavailable'
  const checks = { draining: isDraining, database, schema_ready: isSchemaReady, queue }
  return { status, checks } as const
}

async function within<T>(ms: number, question: Promise<T>): Promise<Outcome<T>> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<'down'>((resolve) => {
    timer = setTimeout(resolve, ms, 'down')
  })
  const answer = question.then((answer) => ({ answer })).catch(() => 'down' as const)
  return Promise.race([answer, patience]).finally(() => clearTimeout(timer))
}
