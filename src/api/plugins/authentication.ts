/**
 * @file Who calls, and whether they may: before anything of the request is read.
 *
 * A route says in its config which scope it needs, or that it is public. One that says neither keeps
 * the service from starting.
 */
import type { FastifyContextConfig } from 'fastify'
import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'
import type { Authenticator } from '../authenticator.ts'
import { type Caller, projectIdOf } from '../caller.ts'

export interface AuthenticationOptions {
  readonly authenticator: Authenticator
}

type RequiredScope = NonNullable<FastifyContextConfig['scope']>

export const authentication = fp<AuthenticationOptions>(async (app, { authenticator }) => {
  app.decorateRequest('caller', null)

  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config
    if (scope === undefined) return // public, or no route at all
    request.caller = await authenticator.authenticate(request.headers.authorization)
    requireScope(request.caller, scope)
    if (scope !== 'admin') projectIdOf(request)
  })

  app.addHook('onReady', async () => {
    for (const { methods, url, options } of app.routeTable) {
      const { scope, public: isPublic } = options.config ?? {}
      if (scope === undefined && !isPublic) {
        throw new Error(
          `${methods} ${url} does not say who may call it: give its config a scope, or public.`,
        )
      }
    }
  })

  app.addHook('onClose', () => authenticator.close())
})

function requireScope({ keyId, scopes }: Caller, needed: RequiredScope): void {
  if (needed === 'any' || scopes.includes(needed)) return
  throw new AppError(
    'forbidden',
    `This needs the scope ${needed}; the key ${keyId} has ${scopes.join(', ') || 'none'}.`,
  )
}
