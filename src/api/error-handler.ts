/**
 * @file The one place an error becomes a response.
 *
 * Only an AppError was meant for clients. Whatever else comes may hold a table's name, a path or a
 * secret in its message, so it is answered by its kind and logged.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '../contract/errors.ts'
import { isDatabaseUnavailable, isRefusedValue } from '../store/database-errors.ts'
import { PoolStopped } from '../threads/pool-stopped.ts'
import { presentProblem, problemType } from './presenters/problem.ts'

/** How long a client is asked to wait when nothing says better: a restart of Postgres takes that. */
const retryAfterSeconds = 2

/** A browser asks for a password then, and keeps it until it is closed. */
const basicChallenge = 'Basic realm="Trainyard: an admin key as the password", charset="UTF-8"'

export function handleError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = toAppError(error, request)
  if (known.code === 'internal') request.log.error({ err: error }, 'request failed')
  else if (known.code === 'unavailable') request.log.debug({ err: error }, 'request not served')
  return sendProblem(known, request, reply)
}

export function sendProblem(
  { code, message: detail, errors, retryAfterSeconds }: AppError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = presentProblem({ code, detail, errors }, request.id)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  if (problem.status === 401) {
    const isBrowser = request.routeOptions?.config?.browser === true
    reply.header('www-authenticate', isBrowser ? basicChallenge : 'Bearer')
  }
  return reply
    .code(problem.status)
    .header('content-type', problemType)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem))
}

function toAppError(error: FastifyError, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  const fromFramework = frameworkErrors[error.code]
  if (fromFramework) return fromFramework(request)
  if (isOfFiles(error)) return new AppError('route_not_found', 'There is no such file.')
  if (error instanceof PoolStopped) return unavailable('The service is shutting down.', error)
  if (isDatabaseUnavailable(error)) {
    return unavailable('The database does not answer just now.', error)
  }
  if (isRefusedValue(error)) {
    return new AppError('invalid_request', 'The request holds a value that cannot be stored.', {
      cause: error,
    })
  }
  return new AppError('internal', 'Something went wrong on the server.', { cause: error })
}

/** Of @fastify/static: a folder, or a name that no file can have. */
function isOfFiles({ code, name }: FastifyError): boolean {
  return (
    code === 'FST_STATIC_FORBIDDEN_PATH' || ['BadRequestError', 'ForbiddenError'].includes(name)
  )
}

function unavailable(detail: string, cause: unknown): AppError {
  return new AppError('unavailable', detail, { retryAfterSeconds, cause })
}

/** What Fastify itself refuses. */
const frameworkErrors: Record<string, (request: FastifyRequest) => AppError> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    new AppError(
      'unsupported_media_type',
      `Expected Content-Type: application/json, got ${quoted(headers['content-type'])}.`,
    ),
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    new AppError('payload_too_large', `Expected at most ${routeOptions.bodyLimit} bytes.`),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new AppError('invalid_request', 'The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () =>
    new AppError('invalid_request', 'The path has a "%" without two hex digits of UTF-8 after it.'),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    new AppError('route_not_found', 'A part of the path is longer than any id.'),
  FST_ERR_HANDLER_TIMEOUT: () => unavailable('The answer took too long.', undefined),
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'none' : JSON.stringify(text.slice(0, 100))
}
