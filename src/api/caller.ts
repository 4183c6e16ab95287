/** @file Who calls: the API key behind a request, as far as routes may know it. */
import type { FastifyRequest } from 'fastify'

import { AppError } from '../contract/errors.ts'
import type { Limits, Scope } from '../contract/tenancy.ts'

export interface Caller {
  readonly keyId: string
  /** null for a key of the instance, which can only make projects and keys. */
  readonly projectId: string | null
  readonly scopes: readonly Scope[]
  /** Of the project, where it has its own; the others are the service's. */
  readonly limits: Limits
}

/** Errors: `unauthorized` on a public route, where nobody is known. */
export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw new AppError('unauthorized', 'This request came without an API key.')
  return caller
}

export function limitsOf(request: FastifyRequest): Limits {
  return callerOf(request).limits
}

/** The first argument of every store function. Errors: `forbidden` for a key without a project. */
export function projectIdOf(request: FastifyRequest): string {
  const { keyId, projectId } = callerOf(request)
  if (projectId === null) {
    throw new AppError(
      'forbidden',
      `The key ${keyId} belongs to no project. Make one that does: ` +
        'POST /v1/api-keys with "project".',
    )
  }
  return projectId
}
