/** @file /v1/limits: what a project may use, and how much of it is used. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { LimitsResponse } from '../../contract/tenancy.ts'
import { limitsOf, projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { presentLimits } from '../presenters/limits.ts'
import type { StreamSlots } from '../streams/stream-slots.ts'

export interface LimitsRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
  readonly streamSlots: Pick<StreamSlots, 'open'>
}

export const limitsRoutes: FastifyPluginAsyncZod<LimitsRoutesOptions> = async (app, options) => {
  const { store } = options.dependencies

  app.get(
    '/v1/limits',
    {
      config: { scope: 'any' },
      schema: {
        summary: 'Read the limits of the project, and how much of them is used',
        tags: ['limits'],
        response: { 200: LimitsResponse },
      },
    },
    async (request) => {
      const projectId = projectIdOf(request)
      const usage = await store.readUsage(projectId)
      return presentLimits(limitsOf(request), usage, options.streamSlots.open(projectId))
    },
  )
}
