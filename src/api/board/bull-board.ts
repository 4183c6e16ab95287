/**
 * @file Bull Board's answers, without its server. Only what reads is taken from it: nothing that it could
 * change is reachable here, whatever its pages ask for. Loaded at the first look (80 ms, 6 MB), so that
 * whoever never looks does not wait for it.
 *
 * Not its own plugin for Fastify: that has the routes that write too, answers with the messages of errors,
 * and its page loads fonts from another host.
 */
import type { Queue } from '../../queue/queue.ts'

export interface BoardRequest {
  readonly params: Record<string, string>
  readonly query: Record<string, unknown>
  readonly headers: Record<string, string | undefined>
}

export interface BoardAnswer {
  readonly status?: number
  readonly body?: unknown
}

export interface BullBoard {
  /** Answers one of `boardRoutes`. */
  answer(route: BoardRoute, request: BoardRequest): Promise<BoardAnswer>
  /** The settings of its pages, as JSON that may stand in HTML. */
  readonly uiConfig: string
}

/** All that reads. A test holds them to those of Bull Board. */
export const boardRoutes = [
  '/api/redis/stats',
  '/api/queues',
  '/api/job-schedulers',
  '/api/queues/:queueName/metrics',
  '/api/queues/:queueName/default-job-options',
  '/api/queues/:queueName/workers',
  '/api/queues/:queueName/rate-limit',
  '/api/queues/:queueName/job-data-schema',
  '/api/queues/:queueName/:jobId/logs',
  '/api/queues/:queueName/:jobId/flow',
  '/api/queues/:queueName/:jobId',
] as const
export type BoardRoute = (typeof boardRoutes)[number]

/** Paths that its pages show in the address bar: each of them is the one page. */
export const boardPages = [
  '/',
  '/metrics-history',
  '/job-schedulers',
  '/queue/:queueName',
  '/queue/:queueName/:jobId',
] as const

export async function openBullBoard(queue: Pick<Queue, 'messages'>): Promise<BullBoard> {
  const [{ createBullBoard }, { BullMQAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
  ])
  const { adapter, given } = collect()
  const messages = new BullMQAdapter(
    queue.messages as ConstructorParameters<typeof BullMQAdapter>[0],
    { readOnlyMode: true, description: 'A message means that there is one more job to run.' },
  )
  createBullBoard({
    queues: [messages],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Trainyard queue' } },
  })
  return {
    uiConfig: JSON.stringify(given.uiConfig).replaceAll('<', '\\u003c'),
    async answer(route, { params, query, headers }) {
      const found = given.apiRoutes.find((each) => each.route === route && each.method === 'get')
      if (!found) throw new Error(`Bull Board has no ${route} any more.`)
      const { queues, uiConfig } = given
      return found.handler({ queues, uiConfig, params, query, headers, body: {} })
    },
  }
}

type ServerAdapter = Parameters<
  typeof import('@bull-board/api').createBullBoard
>[0]['serverAdapter']

interface Given {
  queues: Parameters<ServerAdapter['setQueues']>[0]
  apiRoutes: Parameters<ServerAdapter['setApiRoutes']>[0]
  uiConfig: Parameters<ServerAdapter['setUIConfig']>[0]
}

/** What Bull Board gives to a server, kept. */
function collect(): { readonly adapter: ServerAdapter; readonly given: Given } {
  const given: Given = { queues: new Map(), apiRoutes: [], uiConfig: {} }
  const adapter: ServerAdapter = {
    setQueues(queues) {
      given.queues = queues
      return adapter
    },
    setApiRoutes(routes) {
      given.apiRoutes = routes
      return adapter
    },
    setUIConfig(uiConfig) {
      given.uiConfig = uiConfig
      return adapter
    },
    setViewsPath: () => adapter,
    setStaticPath: () => adapter,
    setEntryRoute: () => adapter,
    setErrorHandler: () => adapter,
  }
  return { adapter, given }
}
