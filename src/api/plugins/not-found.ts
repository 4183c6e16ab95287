/** @file What no route answers: a path that does not exist, or a method that its path does not know. */
import fp from 'fastify-plugin'

import { AppError } from '../../contract/errors.ts'
import { sendProblem } from '../error-handler.ts'
import type { RouteEntry } from './route-table.ts'

export const notFound = fp(async (app) => {
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?')
    const methods = methodsOf(app.routeTable, path)
    const asked = `${request.method} ${path.slice(0, 200)}`
    if (methods.length === 0) {
      return sendProblem(
        new AppError('route_not_found', `There is no route ${asked}.`),
        request,
        reply,
      )
    }
    reply.header('allow', methods.join(', '))
    return sendProblem(
      new AppError('method_not_allowed', `${asked} is not known here: ${methods.join(', ')} are.`),
      request,
      reply,
    )
  })
})

function methodsOf(table: readonly RouteEntry[], path: string): string[] {
  const methods = table.filter(({ url }) => fits(url, path)).flatMap((route) => route.methods)
  return [...new Set(methods)].sort()
}

function fits(url: string, path: string): boolean {
  const expected = url.split('/')
  const given = path.split('/')
  return (
    expected.length === given.length &&
    expected.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''))
  )
}
