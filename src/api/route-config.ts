/**
 * @file What every route declares beside its schema: who may call it, and how it can fail.
 *
 * Without a declaration a route is not registered (plugins/authentication.ts). Failures that every
 * route shares (400, 401, 403, 429, 500, 503) are documented without being named.
 */
import type { ErrorCode } from '../contract/errors.ts'
import type { Scope } from '../contract/tenancy.ts'
import type { Caller } from './caller.ts'
import type { HeaderName } from './openapi/header-parameters.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `any`: every key of a project. */
    readonly scope?: Scope | 'any'
    /** Asked for by browsers: the key may also come as the password of HTTP Basic. */
    readonly browser?: true
    /** Needs no key. */
    readonly public?: true
    /** Answers through `answerIdempotently`. */
    readonly idempotent?: true
    /** The headers that it takes beside those of every route, for the documentation. */
    readonly headers?: readonly HeaderName[]
    /** The errors of this route's own, for the documentation. */
    readonly problems?: readonly ErrorCode[]
    /** A body to show in the documentation; a test holds it to the schema. */
    readonly example?: unknown
  }

  interface FastifyRequest {
    /** null on public routes. */
    caller: Caller | null
  }
}
