/** @file The problems that a route can answer with, by status, as OpenAPI has them. */
import type { RouteOptions } from 'fastify'

import { type ErrorCode, errorCatalogue } from '../../contract/errors.ts'
import { Problem } from '../../contract/problem.ts'
import { problemType } from '../presenters/problem.ts'

interface ProblemResponse {
  readonly description: string
  readonly content: Record<string, { readonly schema: { readonly $ref: string } }>
}

/** Taken from the schema itself: one that nobody imports is not in the document. */
const problemReference = { $ref: `#/components/schemas/${Problem.meta()?.id}` }

export function describeProblems(route: RouteOptions): Record<string, ProblemResponse> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of new Set(codesOf(route))) {
    const { status } = errorCatalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, describe(codes)]))
}

const ofIdempotencyKeys = [
  'idempotency_in_flight',
  'idempotency_mismatch',
  'too_many_idempotency_keys',
] as const satisfies ErrorCode[]

/** Those that every route of its kind shares, and its own. */
function codesOf({ config = {}, schema, method }: RouteOptions): ErrorCode[] {
  if (config.public) return []
  // Also where a body is not asked for: what a client sends all the same is read, to be refused.
  const readsBody = schema?.body !== undefined || method !== 'GET'
  return [
    'invalid_request',
    ...(readsBody
      ? (['invalid_json', 'payload_too_large', 'unsupported_media_type'] as const)
      : []),
    'unauthorized',
    'api_key_expired',
    'api_key_revoked',
    'forbidden',
    ...(config.problems ?? []),
    ...(config.idempotent ? ofIdempotencyKeys : []),
    ...(readsBody ? (['request_timeout'] as const) : []),
    'rate_limited',
    'internal',
    'unavailable',
  ]
}

function describe(codes: readonly ErrorCode[]): ProblemResponse {
  const lines = codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}.`)
  return {
    description: lines.join('\n\n'),
    content: { [problemType]: { schema: problemReference } },
  }
}
