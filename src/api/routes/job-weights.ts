/** @file /v1/jobs/{id}/weights: what training was for. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { WeightsQuery } from '../../contract/weights.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { sendWeights } from '../downloads/send-weights.ts'
import { weightsResponse } from '../downloads/weights-response.ts'
import { jobParams, noSuchJob } from '../find-job.ts'
import { findWeights } from '../find-weights.ts'
import { transferTimeoutMs } from '../timeouts.ts'

export interface JobWeightsRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
}

export const jobWeightsRoutes: FastifyPluginAsyncZod<JobWeightsRoutesOptions> = async (
  app,
  { dependencies },
) => {
  const { store } = dependencies
  // HEAD first, or the framework makes one that reads the whole file.
  for (const method of ['HEAD', 'GET'] as const) {
    app.route({
      method,
      url: '/v1/jobs/:jobId/weights',
      handlerTimeout: transferTimeoutMs,
      config: {
        scope: 'jobs:read',
        headers: ['Range', 'If-Range', 'If-None-Match'],
        problems: [
          'job_not_found',
          'job_not_ready',
          'weights_not_found',
          'not_acceptable',
          'range_not_satisfiable',
        ],
      },
      schema: {
        hide: method === 'HEAD',
        summary: 'Download the weights of a job that has succeeded',
        description:
          'As a safetensors file, of which parts may be asked for; or as JSON, whole. Both hold the preprocessing. HEAD works too.',
        tags: ['jobs'],
        params: jobParams,
        querystring: WeightsQuery,
        response: weightsResponse,
      },
      async handler(request, reply) {
        const { jobId } = request.params
        const found = await findWeights(dependencies, projectIdOf(request), jobId)
        const send = sendWeights[request.query.format]
        const whenGone = () => noSuchJob(jobId)
        return send({ store, request, reply }, { ...found, name: jobId, whenGone })
      },
    })
  }
}
