/**
 * @file Every route that was registered, with who may call it: for the check that none is open by
 * oversight, for 405 answers, and for tests that walk all routes.
 */
import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'

export interface RouteEntry {
  readonly methods: readonly string[]
  /** As registered: `/v1/jobs/:jobId`. */
  readonly url: string
  readonly options: RouteOptions
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly routeTable: readonly RouteEntry[]
  }
}

export const routeTable = fp(async (app) => {
  const table: RouteEntry[] = []
  app.decorate('routeTable', table)
  app.addHook('onRoute', (options) => {
    table.push({ methods: [options.method].flat(), url: options.url, options })
  })
})
