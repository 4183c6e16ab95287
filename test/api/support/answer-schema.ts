/**
 * @file Holds every answer of a test to the schema that its route declares. The service itself does
 * not check what it sends, so a column too many would be noticed here.
 */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import { z } from 'zod'

import { Problem } from '../../../src/contract/problem.ts'

export function expectToMatchSchema(
  app: FastifyInstance,
  method: string,
  url: string,
  answer: LightMyRequestResponse,
): void {
  const type = String(answer.headers['content-type'] ?? '')
  const where = `${method} ${url} ${answer.statusCode}`
  if (method === 'HEAD' || answer.statusCode === 304) return
  if (answer.statusCode >= 400 && !url.startsWith('/readyz')) {
    expect(type, where).toBe('application/problem+json; charset=utf-8')
    expect(Problem.safeParse(answer.json()).error, where).toBeUndefined()
    expect(answer.json().status, where).toBe(answer.statusCode)
    return
  }
  const schema = schemaOf(app, method, url, answer.statusCode)
  if (schema && type.startsWith('application/json')) {
    expect(schema.safeParse(answer.json()).error, where).toBeUndefined()
  }
}

function schemaOf(app: FastifyInstance, method: string, url: string, status: number) {
  const [path] = url.split('?')
  const route = app.routeTable.find(
    (each) => each.methods.includes(method) && patternOf(each.url).test(path),
  )
  const responses = route?.options.schema?.response
  const schema =
    typeof responses === 'object' && responses ? Reflect.get(responses, status) : undefined
  const json = schema?.content?.['application/json']?.schema ?? schema
  return json instanceof z.ZodType ? json : undefined
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
}
