/**
 * @file The OpenAPI document, made from the routes: their schemas, and from their config the scope and
 * the problems that they can answer with.
 */
import swagger, { type SwaggerTransform } from '@fastify/swagger'
import fp from 'fastify-plugin'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

import { completeDocument } from '../openapi/complete-document.ts'
import { describeProblems } from '../openapi/describe-problems.ts'
import { operationIdOf } from '../openapi/operation-id.ts'

export interface OpenapiOptions {
  readonly version: string
}

const description = `Train small and medium neural networks, and get the same bits every time.

Send a key with every request: \`Authorization: Bearer ty_…\`. Errors are RFC 9457 problems with a stable
\`code\`, explained at [/docs/errors](/docs/errors). A POST that carries an \`Idempotency-Key\` has one effect,
however often it is sent within 24 hours. Lists are pages: \`after\` takes the \`last_id\` of the page before.
Every answer has an \`X-Request-Id\`, the one that a request brings or a new one, by which the log finds it; a W3C
\`traceparent\` is honoured where traces are kept.`

export const openapi = fp<OpenapiOptions>(async (app, { version }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Trainyard', version, description },
      tags: tags.map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { api_key: { type: 'http', scheme: 'bearer' } } },
    },
    transform,
    transformObject: (document) =>
      completeDocument(jsonSchemaTransformObject(document), app.routeTable),
  })
})

const tags = [
  ['datasets', 'Immutable, content-hashed rows or text.'],
  ['plans', 'What a job will cost, before it is sent.'],
  ['jobs', 'Requests to train: their state, events, losses, weights.'],
  ['predictions', 'Trained networks at work.'],
  ['limits', 'What a project may use.'],
  ['projects', 'The owners of everything else.'],
  ['api-keys', 'Who may do what.'],
  ['service', 'For whoever runs it.'],
] as const

const transform: SwaggerTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input)
  const { config = {}, method } = input.route
  if (schema.hide) return { schema, url }
  return {
    url,
    schema: {
      ...schema,
      operationId: operationIdOf([method].flat()[0], url),
      security: config.public ? [] : [{ api_key: [] }],
      description: [schema.description, scopeNote(config.scope)].filter(Boolean).join('\n\n'),
      response: { ...Object(schema.response), ...describeProblems(input.route) },
    },
  }
}

function scopeNote(scope: string | undefined): string | undefined {
  if (scope === undefined) return undefined
  return scope === 'any' ? 'Any key of a project will do.' : `Needs the scope \`${scope}\`.`
}
