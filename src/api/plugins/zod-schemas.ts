/**
 * @file Zod schemas check what comes in, and type what goes out.
 *
 * Answers are typed against their schemas by the compiler and serialized as they are: checking each
 * one again would cost milliseconds on a large job. Tests check every answer that they meet.
 */
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'
import fp from 'fastify-plugin'
import { z } from 'zod'

import { checkInput, pointerPrefixes, type RequestPart } from '../validation/check-input.ts'

const noQuery = z.strictObject({})

export const zodSchemas = fp(async (app) => {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  // A mistyped parameter is refused and not ignored, also where no parameter is known.
  app.addHook('onRoute', (route) => {
    if (route.schema && route.url.startsWith('/v1/')) route.schema.querystring ??= noQuery
  })
})

const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = isRequestPart(httpPart) ? httpPart : 'body'
  return (input) => checkInput(schema, input, part)
}

const serializerCompiler: FastifySerializerCompiler<unknown> = () => (data) => JSON.stringify(data)

function isRequestPart(name: string | undefined): name is RequestPart {
  return name !== undefined && Object.hasOwn(pointerPrefixes, name)
}
