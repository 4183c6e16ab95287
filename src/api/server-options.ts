/** @file Fastify's options: limits on time and size, ids of requests, and no default that leaks. */
import type { Server } from 'node:http'

import { type FastifyHttpOptions, LogController } from 'fastify'

import { newId } from '../contract/ids.ts'
import { answerBrokenRequest } from './broken-request.ts'
import type { ApiDependencies } from './dependencies.ts'
import { handleError } from './error-handler.ts'
import {
  checkEveryMs,
  handlerTimeoutMs,
  headersTimeoutMs,
  idleTimeoutMs,
  keepAliveTimeoutMs,
  transferTimeoutMs,
} from './timeouts.ts'

/** Uploads have their own; predictions ask for more in their route. */
export const bodyLimitBytes = 262_144

type Options = Pick<ApiDependencies, 'logger' | 'trustProxy'>

export function serverOptions({ logger, trustProxy }: Options): FastifyHttpOptions<Server> {
  return {
    ...(logger === false ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId', // as in the lines of a worker
    }), // plugins/request-metrics.ts
    trustProxy,
    bodyLimit: bodyLimitBytes,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkEveryMs },
    requestTimeout: transferTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    handlerTimeout: handlerTimeoutMs,
    forceCloseConnections: 'idle', // streams end by themselves when the app closes
    return503OnClosing: false, // plugins/lifecycle.ts says it as a problem
    genReqId: ({ headers }) => requestIdIn(headers['x-request-id']) ?? newId('request'),
    frameworkErrors: handleError,
    clientErrorHandler: answerBrokenRequest,
  }
}

/** A client's own id is taken over when it cannot break a log or a header. */
function requestIdIn(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,64}$/.test(header) ? header : undefined
}
