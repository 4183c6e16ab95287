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
    const { scope, browser } = request.routeOptions.config
    if (scope === undefined) return // public, or no route at all
    const { authorization } = request.headers
    request.caller = await authenticator.authenticate(
      browser ? bearerOf(authorization) : authorization,
    )
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

/** A browser asks for a name and a password: the password is the key, whatever the name. */
function bearerOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]{1,2000})$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return authorization
  const credentials = Buffer.from(encoded, 'base64').toString()
  return `Bearer ${credentials.slice(credentials.indexOf(':') + 1)}`
}

function requireScope({ keyId, scopes }: Caller, needed: RequiredScope): void {
  if (needed === 'any' || scopes.includes(needed)) return
  throw new AppError(
    'forbidden',
    `This needs the scope ${needed}; the key ${keyId} has ${scopes.join(', ') || 'none'}.`,
  )
}
