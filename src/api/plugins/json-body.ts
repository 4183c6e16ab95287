/** @file JSON is the only body that routes read, unless they bring a parser of their own. */
import type { Readable } from 'node:stream'

import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

import { parseJson } from '../json-body/parse-json.ts'
import { readBody } from '../json-body/read-body.ts'

/** 256 KiB take a second on a slow line; whoever needs 20 is only holding a connection. */
const withinMs = 20_000

export const jsonBody = fp(async (app) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, payload: Readable) => {
      const { 'content-length': contentLength } = request.headers
      const bytes = await readBody(payload, {
        limitBytes: request.routeOptions.bodyLimit,
        withinMs,
        contentLength: contentLength === undefined ? undefined : Number(contentLength),
      })
      return parseJson(bytes)
    },
  )
})
