import { expect, test } from 'vitest'
import { z } from 'zod'

import { datasetFormats } from '../../src/contract/datasets.ts'
import { errorCatalogue } from '../../src/contract/errors.ts'
import { testApi } from './support/api.ts'

const { app, call } = await testApi()

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Record<string, { readonly description: string; readonly content?: object }>
}

const answer = await call('GET', '/openapi.json', undefined, { key: null })
const document = answer.json()
const paths: Record<string, Record<string, Operation>> = document.paths
const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ path, method, operation })),
)

test('is an OpenAPI 3.1 document, served without a key', () => {
  expect(answer.statusCode).toBe(200)
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Trainyard', version: '0.0.0-test' },
    components: { securitySchemes: { api_key: { type: 'http', scheme: 'bearer' } } },
  })
})

test('describes every route but those of the documentation itself', () => {
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  const registered = app.routeTable
    .filter(({ options }) => !options.schema?.hide)
    .flatMap(({ methods, url }) => methods.map((m) => `${m} ${url.replaceAll(/:(\w+)/g, '{$1}')}`))
    .filter((name) => !name.startsWith('HEAD '))
  expect(described.sort()).toEqual(registered.sort())
  expect(described.filter((name) => name.includes(' /v1/')).length).toBeGreaterThan(5)
})

test('every operation has a summary, known tags, and an id of its own', () => {
  const tags = document.tags.map(({ name }: { name: string }) => name)
  for (const { path, method, operation } of operations) {
    const name = `${method} ${path}`
    expect(operation.summary, name).toMatch(/^[A-Z]/)
    expect(tags, name).toEqual(expect.arrayContaining([...operation.tags]))
    expect(operation.tags, name).toHaveLength(1)
  }
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('every path parameter is described', () => {
  for (const { path, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const described = (operation.parameters ?? []).filter((each) => each.in === 'path')
    expect(described.map(({ name }) => name).sort(), path).toEqual(inPath.sort())
  }
})

test('every answer says what it means, and every refusal is a problem', () => {
  for (const { path, method, operation } of operations) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const name = `${method} ${path} ${status}`
      expect(response.description, name).not.toBe('Default Response')
      if (Number(status) < 400 || path === '/readyz') continue
      expect(Object.keys(response.content ?? {}), name).toEqual(['application/problem+json'])
      const codes = [...response.description.matchAll(/`(\w+)`/g)].map(([, code]) => code)
      for (const code of codes) {
        const known: Record<string, { status: number }> = errorCatalogue
        expect(known[code].status, `${name} ${code}`).toBe(Number(status))
      }
    }
  }
})

test('a guarded route documents 401, 403 and 429, a public one asks for nothing', () => {
  for (const { path, operation } of operations) {
    const isGuarded = path.startsWith('/v1/')
    expect(operation.security, path).toEqual(isGuarded ? [{ api_key: [] }] : [])
    if (isGuarded) expect(operation.responses, path).toHaveProperty('401')
    if (isGuarded) expect(operation.responses, path).toHaveProperty('403')
    if (isGuarded) expect(operation.responses, path).toHaveProperty('429')
  }
})

test('every reference leads somewhere, and no schema is there for nothing', () => {
  const referred = [...answer.body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, n]) => n)
  expect([...new Set(referred)].sort()).toEqual(Object.keys(document.components.schemas).sort())
})

test.each([
  ['/v1/jobs', 'post', ['Idempotency-Key', 'Prefer']],
  ['/v1/jobs/{jobId}/events', 'get', ['Last-Event-ID']],
  ['/v1/jobs/{jobId}/weights', 'get', ['Range', 'If-Range', 'If-None-Match']],
  ['/v1/datasets/{datasetId}/content', 'get', ['Range', 'If-Range', 'If-None-Match']],
  ['/v1/datasets', 'post', ['Idempotency-Key']],
])('%s describes the headers that it takes', (path, method, names) => {
  const headers = (paths[path][method].parameters ?? []).filter((each) => each.in === 'header')
  expect(headers.map(({ name }) => name)).toEqual(names)
  for (const header of headers) {
    expect(header).toMatchObject({ required: false, description: expect.stringMatching(/\.$/) })
  }
})

test('events are described in both of the forms that Accept asks for', () => {
  const { content } = paths['/v1/jobs/{jobId}/events'].get.responses['200']
  expect(Object.keys(content ?? {})).toEqual(['application/json', 'text/event-stream'])
})

test('an idempotent route takes the Idempotency-Key', () => {
  const names = (paths['/v1/projects'].post.parameters ?? []).map(({ name }) => name)
  expect(names).toContain('Idempotency-Key')
  expect(paths['/v1/projects'].post.responses).toHaveProperty('422')
})

test('every example is one that the route accepts', () => {
  const withExample = app.routeTable.filter(({ options }) => options.config?.example !== undefined)
  expect(withExample.length).toBeGreaterThan(1)
  for (const { url, options } of withExample) {
    const schema = options.schema?.body
    if (!(schema instanceof z.ZodType)) throw new Error(`${url} has an example and no body.`)
    expect(schema.safeParse(options.config?.example).error, url).toBeUndefined()
  }
})

test('a body that nobody asked for can be refused too, and each way says so', () => {
  const { responses } = paths['/v1/jobs/{jobId}'].delete
  for (const status of ['408', '413', '415']) expect(responses).toHaveProperty(status)
  expect(paths['/v1/jobs/{jobId}'].get.responses).not.toHaveProperty('415')
})

test('a download of a dataset is of any of the types that an upload may have', () => {
  const { content } = paths['/v1/datasets/{datasetId}/content'].get.responses['200']
  expect(Object.keys(content ?? {})).toEqual(Object.values(datasetFormats))
})
