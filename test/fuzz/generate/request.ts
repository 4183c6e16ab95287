/**
 * @file Requests for an operation of the document. `valid` keeps to its schemas, `near` breaks them in a
 * few places, `hostile` does not care for them, nor for who may call and what HTTP is used for.
 */
import fc from 'fast-check'

import type { Operation, Parameter, Schema } from '../document.ts'
import { fileBody } from './files.ts'
import { hostileLiterals, spoiled } from './spoil.ts'
import type { ValuesOf } from './valid.ts'

export type Kind = 'valid' | 'near' | 'hostile'

export interface FuzzRequest {
  readonly kind: Kind
  readonly operation: Operation
  readonly method: string
  /** With its query; ids are places still. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly body: string | Uint8Array | undefined
  /** The path is that of the operation, so the answer must be one that it declares. */
  readonly isAddressed: boolean
}

/** Whose key is sent. `reader` may read and no more; `neighbor` is of another project. */
export type Caller = 'owner' | 'reader' | 'neighbor' | 'nobody' | 'broken'

export interface Known {
  /** Values that a schema allows. */
  readonly values: ValuesOf
  /** Bodies of this schema that can be served. */
  readonly examplesOf: (schema: Schema) => readonly unknown[]
}

export function requestsFor(operation: Operation, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 3, arbitrary: validRequests(operation, known) },
    { weight: 4, arbitrary: nearRequests(operation, known) },
    { weight: 3, arbitrary: hostileRequests(operation, known) },
  )
}

type Parts = Pick<FuzzRequest, 'url' | 'headers' | 'caller' | 'body'>

function validRequests(operation: Operation, known: Known): fc.Arbitrary<FuzzRequest> {
  const parameters = parametersOf(operation, (each) => known.values(each.schema))
  return fc
    .record({ parameters, body: validBody(operation, known), caller: fc.constant('owner') })
    .map((parts) => request('valid', operation, assemble(operation, { ...parts, caller: 'owner' })))
}

function nearRequests(operation: Operation, known: Known): fc.Arbitrary<FuzzRequest> {
  const value = ({ schema }: Parameter) =>
    fc.oneof(known.values(schema), fc.constantFrom(...oddValues))
  const caller = fc.constantFrom<Caller[]>('owner', 'owner', 'owner', 'reader', 'neighbor')
  return fc
    .record({
      parameters: parametersOf(operation, value),
      body: spoiledBody(operation, known),
      caller,
    })
    .map((parts) => request('near', operation, assemble(operation, parts)))
}

function hostileRequests(operation: Operation, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      parameters: parametersOf(operation, () => fc.constantFrom(...oddValues)),
      body: fc.oneof(spoiledBody(operation, known), rawBody),
      caller: fc.constantFrom<Caller[]>('owner', 'owner', 'owner', 'neighbor', 'nobody', 'broken'),
      headers: fc.dictionary(fc.constantFrom(...Object.keys(oddHeaders)), fc.nat(), { maxKeys: 2 }),
      query: fc.option(fc.constantFrom(...oddQueries)),
      path: fc.option(fc.constantFrom(...oddPaths), { freq: 8 }),
      method: fc.option(fc.constantFrom(...methods), { freq: 8 }),
    })
    .map(({ headers, query, path, method, ...parts }) => {
      const made = assemble(operation, parts)
      const url = `${made.url}${path ?? ''}${query === null ? '' : `${made.url.includes('?') ? '&' : '?'}${query}`}`
      const isAddressed = path === null && method === null && !hasOddSegment(operation, made.url)
      return {
        ...request('hostile', operation, {
          ...made,
          url,
          headers: { ...made.headers, ...pickOdd(headers) },
        }),
        ...(method !== null && { method }),
        isAddressed,
      }
    })
}

function request(kind: Kind, operation: Operation, parts: Parts): FuzzRequest {
  const isAddressed = !hasOddSegment(operation, parts.url)
  return { kind, operation, method: operation.method, isAddressed, ...parts }
}

/** An id that is empty or endless makes the path that of no route, or of another one. */
function hasOddSegment({ path }: Operation, url: string): boolean {
  const [given] = url.split('?')
  const isOdd = (part: string) => part === '' || part.length > longestId
  return given.split('/').slice(1).some(isOdd) || given.split('/').length !== path.split('/').length
}

/** Of a part of a path, as the router takes it. */
const longestId = 100

interface Given {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly body: { readonly mediaType: string; readonly content: string | Uint8Array } | undefined
  readonly caller: Caller
}

function assemble({ path, parameters }: Operation, { parameters: given, body, caller }: Given) {
  const of = (where: Parameter['in']) => parameters.filter((each) => each.in === where)
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(given[`path ${name}`]))
  const query = of('query').flatMap(({ name }) => {
    const value = given[`query ${name}`]
    return value === undefined ? [] : [value].flat().map((each) => `${name}=${encoded(each)}`)
  })
  const headers: Record<string, string> = {}
  for (const { name } of of('header')) {
    const value = given[`header ${name}`]
    if (value !== undefined) headers[name.toLowerCase()] = headerText(value)
  }
  if (body) headers['content-type'] = body.mediaType
  return {
    url: query.length > 0 ? `${filled}?${query.join('&')}` : filled,
    headers,
    caller,
    body: body?.content,
  }
}

/** The places of ids stay as they are. */
function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed())
}

/** What Node lets a client send. */
function headerText(value: unknown): string {
  return String(value).replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?')
}

function parametersOf(
  { parameters }: Operation,
  value: (parameter: Parameter) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      parameters.map((each) => [
        `${each.in} ${each.name}`,
        each.in === 'path' ? value(each) : fc.option(value(each), { nil: undefined, freq: 2 }),
      ]),
    ),
  )
}

type Body = Given['body']

/** What the document shows as an example is a body like any other. */
function validBody({ bodies }: Operation, known: Known): fc.Arbitrary<Body> {
  return bodyOf(bodies, (values) => values.map((value) => JSON.stringify(value)), known)
}

function spoiledBody({ bodies }: Operation, known: Known): fc.Arbitrary<Body> {
  return bodyOf(bodies, spoiled, known)
}

function bodyOf(
  bodies: Operation['bodies'],
  write: (values: fc.Arbitrary<unknown>) => fc.Arbitrary<string>,
  known: Known,
): fc.Arbitrary<Body> {
  const types = Object.entries(bodies)
  if (types.length === 0) return fc.constant(undefined)
  return fc.oneof(
    ...types.map(([mediaType, { schema = {}, example }]): fc.Arbitrary<Body> => {
      // Without a type it is a file: the schema of the document says nothing about its bytes.
      if (schema.type === undefined && schema.$ref === undefined) {
        return fileBody(mediaType).map(({ mediaType, bytes }) => ({ mediaType, content: bytes }))
      }
      const served = [...known.examplesOf(schema), ...(example === undefined ? [] : [example])]
      const values =
        served.length === 0
          ? known.values(schema)
          : fc.oneof(known.values(schema), fc.constantFrom(...served))
      return write(values).map((content) => ({ mediaType, content }))
    }),
  )
}

/** What is not JSON at all, or not of the type that it is said to be. */
const rawBody: fc.Arbitrary<Body> = fc.record({
  mediaType: fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-16',
    'text/plain',
    'text/csv',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    ';;;',
    'x'.repeat(1_000),
  ),
  content: fc.oneof(
    fc.constantFrom(...hostileLiterals),
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', ' ', '\ufeff{}', '{"a":', '{"a":1}{"b":2}', ' '.repeat(300_000)),
    fc.constant(`[${'1,'.repeat(130_000)}1]`),
  ),
})

const oddValues = [
  '',
  ' ',
  '0',
  '-1',
  '1e3',
  '1.5',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '\u0000',
  'a\u0000b',
  '\ufffd',
  '😀'.repeat(50),
  '../..',
  '..',
  '.',
  'a/b',
  '%',
  '%00',
  '%2e%2e%2f',
  "' or '1'='1",
  '__proto__',
  'constructor',
  '*',
  'job_0',
  `job_${'0'.repeat(32)}`,
  `ds_${'f'.repeat(32)}`,
  `job_${'F'.repeat(32)}`,
  'x'.repeat(3_000),
  'wait=1',
  'wait=-1',
  'bytes=0-0',
  'bytes=-1',
  'bytes=5-2',
  'bytes=0-1,3-4',
  'bytes=99999999999999999999-',
  '"sha256:0"',
  'W/"x", *',
] as const

const oddQueries = [
  'limit=1&limit=2',
  'limit[]=1',
  'limit[a]=1',
  '__proto__[x]=1',
  'constructor.prototype=1',
  'unknown=1',
  '%',
  '%00=%00',
  '%ff=%fe',
  '=',
  '&&&',
  'a=%c3%28',
  `${'q=1&'.repeat(2_000)}q=1`,
  `label=${'x'.repeat(8_000)}`,
  'label=a:b&label=c',
] as const

const oddPaths = ['/', '//', '/.', '/..', '/%2e%2e', '/%', '/%00', '%ff', '#x', ';x', '\\'] as const
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']

const oddHeaders: Readonly<Record<string, readonly string[]>> = {
  accept: ['text/event-stream', '', '*/*;q=0', 'x'.repeat(2_000)],
  'accept-encoding': ['gzip, br', 'identity;q=0'],
  'content-encoding': ['gzip', 'br', 'identity', 'x'],
  'content-type': ['', 'application/json', 'application/json;', 'a/b; c="d', '\u00ff'],
  'x-request-id': ['a b', 'x'.repeat(200), '<script>', '\u00e9'],
  'x-forwarded-for': ['127.0.0.1', 'x, y', '::1', '999.1.1.1'],
  'x-http-method-override': ['DELETE'],
  'idempotency-key': ['x', 'x', 'x'.repeat(256), '\u00e9', ' ', 'same', 'same'],
  'last-event-id': ['0', '-1', 'x', '99999999999'],
  expect: ['100-continue', 'x'],
  te: ['trailers'],
  cookie: [`a=${'b'.repeat(7_000)}`, '__proto__=1'],
  'x-huge': ['h'.repeat(15_000), 'h'.repeat(20_000)],
}

function pickOdd(headers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, pick]) => {
      const choices = oddHeaders[name]
      return [name, choices[pick % choices.length]]
    }),
  )
}
