/** @file /v1/api-keys: made, rotated and revoked by the instance's admin; a secret is shown once. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { AppError } from '../../contract/errors.ts'
import { ApiKeyId } from '../../contract/ids.ts'
import {
  ApiKey,
  ApiKeyPage,
  ApiKeyQuery,
  CreateApiKey,
  CreatedApiKey,
  RotateApiKey,
} from '../../contract/tenancy.ts'
import { issueKey } from '../../store/keys/api-key-secret.ts'
import { revokeApiKey } from '../../store/keys/api-keys.ts'
import { rotateApiKey } from '../../store/keys/rotate-api-key.ts'
import type { Authenticator } from '../authenticator.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { answerIdempotently } from '../idempotency.ts'
import { endOf, makeApiKey } from '../make-api-key.ts'
import { presentApiKey } from '../presenters/api-key.ts'
import { presentPage } from '../presenters/page.ts'

export interface ApiKeyRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
  readonly authenticator: Pick<Authenticator, 'forgetAll'>
}

const params = z.strictObject({ apiKeyId: ApiKeyId })

export const apiKeyRoutes: FastifyPluginAsyncZod<ApiKeyRoutesOptions> = async (app, options) => {
  const { store } = options.dependencies

  app.post(
    '/v1/api-keys',
    {
      config: {
        scope: 'admin',
        idempotent: true,
        problems: ['project_not_found'],
        example: { name: 'laptop', project: 'prj_0192f0c1a2b37c4d8e5f60718293a4b5' },
      },
      schema: {
        summary: 'Make an API key',
        description: 'The secret is in the first answer only; a replay has null in its place.',
        tags: ['api-keys'],
        body: CreateApiKey,
        response: { 201: CreatedApiKey },
      },
    },
    (request, reply) =>
      answerIdempotently(
        { store, request, reply, collection: '/v1/api-keys' },
        async (transaction) => {
          const key = issueKey()
          const row = await makeApiKey(transaction, key, request.body)
          const body = { ...presentApiKey(row), secret: null }
          return { status: 201, body, shownOnce: { secret: key.secret } }
        },
      ),
  )

  app.get(
    '/v1/api-keys',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'List API keys',
        tags: ['api-keys'],
        querystring: ApiKeyQuery,
        response: { 200: ApiKeyPage },
      },
    },
    async (request) => {
      const { project, ...page } = request.query
      return presentPage(await store.apiKeys.list(project, page), presentApiKey)
    },
  )

  app.get(
    '/v1/api-keys/:apiKeyId',
    {
      config: { scope: 'admin', problems: ['api_key_not_found'] },
      schema: {
        summary: 'Read an API key',
        tags: ['api-keys'],
        params,
        response: { 200: ApiKey },
      },
    },
    async (request) => {
      const { apiKeyId } = request.params
      const row = await store.apiKeys.find(apiKeyId)
      if (!row) throw new AppError('api_key_not_found', `There is no API key ${apiKeyId}.`)
      return presentApiKey(row)
    },
  )

  app.post(
    '/v1/api-keys/:apiKeyId/rotate',
    {
      config: {
        scope: 'admin',
        idempotent: true,
        problems: ['api_key_not_found', 'api_key_not_rotatable'],
        example: { overlap_seconds: 3600 },
      },
      schema: {
        summary: 'Make a new secret for an API key',
        description:
          'Another key, with its name, scopes and project, takes its place; the old one works until the overlap ends. The secret is in the first answer only: who has lost it rotates the new key.',
        tags: ['api-keys'],
        params,
        body: RotateApiKey,
        response: { 201: CreatedApiKey },
      },
    },
    (request, reply) =>
      answerIdempotently(
        { store, request, reply, collection: '/v1/api-keys' },
        async (transaction) => {
          const { overlap_seconds: overlapSeconds, ...lifetime } = request.body
          const key = issueKey()
          const rotation = { key, overlapSeconds, expiresAt: endOf(lifetime) }
          const row = await rotateApiKey(transaction, request.params.apiKeyId, rotation)
          const body = { ...presentApiKey(row), secret: null }
          const shownOnce = { secret: key.secret }
          return { status: 201, body, shownOnce, afterCommit: options.authenticator.forgetAll }
        },
      ),
  )

  app.delete(
    '/v1/api-keys/:apiKeyId',
    {
      config: { scope: 'admin', problems: ['api_key_not_found', 'last_admin_key'] },
      schema: {
        summary: 'Revoke an API key',
        description: 'It stays in the list, with the time of its revocation.',
        tags: ['api-keys'],
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await store.transaction((transaction) => revokeApiKey(transaction, request.params.apiKeyId))
      options.authenticator.forgetAll()
      return reply.code(204).send()
    },
  )
}
