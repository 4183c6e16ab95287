/**
 * @file /admin/queue: Bull Board, to look at the queue itself, for whoever has an admin key. It changes
 * nothing. A browser sends the key as the password of HTTP Basic; every file of the page needs it too.
 */
import serveFiles from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

import { AppError } from '../../contract/errors.ts'
import { withDeadline } from '../../queue/deadline.ts'
import { isRefusedValue } from '../../store/database-errors.ts'
import { boardFiles, boardPolicy, createBoardPage } from '../board/board-page.ts'
import { type BullBoard, boardPages, boardRoutes, openBullBoard } from '../board/bull-board.ts'
import type { ApiDependencies } from '../dependencies.ts'

export interface QueueBoardRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'queue'>
}

const basePath = '/admin/queue'

/** Longer than any healthy answer of the queue. */
const answersWithinMs = 5_000

export const queueBoardRoutes: FastifyPluginAsync<QueueBoardRoutesOptions> = async (
  app,
  { dependencies: { queue } },
) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'admin', browser: true }
    route.schema = { ...route.schema, hide: true }
  })

  let opened: Promise<BullBoard> | undefined
  const board = () => {
    opened ??= openBullBoard(queue).catch((error: unknown) => {
      opened = undefined // the next look tries again
      throw error
    })
    return opened
  }
  const page = createBoardPage(basePath)

  app.get(basePath, async (_request, reply) => reply.redirect(`${basePath}/`, 302))
  for (const path of boardPages) {
    app.get(basePath + path, async (_request, reply) =>
      reply
        .header('content-security-policy', boardPolicy)
        .header('cache-control', 'no-store')
        .type('text/html')
        .send(page((await board()).uiConfig)),
    )
  }
  for (const path of boardRoutes) {
    app.get(basePath + path, async ({ params, query, headers }, reply) => {
      const request = { params: Object(params), query: Object(query), headers: Object(headers) }
      const asking = (await board()).answer(path, request)
      const { status = 200, body } = await withDeadline(asking, answersWithinMs, 'The queue').catch(
        (cause) => {
          throw toAppError(cause)
        },
      )
      return reply.code(status).header('cache-control', 'no-store').send(body)
    })
  }
  await app.register(serveFiles, {
    root: boardFiles,
    prefix: `${basePath}/static/`,
    decorateReply: false,
    index: false,
    cacheControl: false,
    setHeaders: (reply) => reply.header('cache-control', 'private, max-age=86400'),
  })
}

function toAppError(cause: unknown): AppError {
  if (cause instanceof URIError || isRefusedValue(cause)) {
    return new AppError('invalid_request', 'No queue or message can have such a name.', { cause })
  }
  return new AppError('unavailable', 'The queue does not answer just now.', {
    retryAfterSeconds: 2,
    cause,
  })
}
