/** @file /v1/jobs/{id}/checkpoints: what its runs have left, and the weights of each. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { CheckpointPage, CheckpointQuery } from '../../contract/checkpoints.ts'
import { CheckpointId } from '../../contract/ids.ts'
import { WeightsQuery } from '../../contract/weights.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { sendWeights } from '../downloads/send-weights.ts'
import { weightsResponse } from '../downloads/weights-response.ts'
import { findJob, jobParams } from '../find-job.ts'
import { noSuchCheckpoint } from '../no-such-checkpoint.ts'
import { presentCheckpoint } from '../presenters/checkpoint.ts'
import { presentPage } from '../presenters/page.ts'
import { transferTimeoutMs } from '../timeouts.ts'

export interface JobCheckpointRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
}

const checkpointParams = jobParams.extend({ checkpointId: CheckpointId })

export const jobCheckpointRoutes: FastifyPluginAsyncZod<JobCheckpointRoutesOptions> = async (
  app,
  { dependencies },
) => {
  const { store } = dependencies

  app.get(
    '/v1/jobs/:jobId/checkpoints',
    {
      config: { scope: 'jobs:read', problems: ['job_not_found'] },
      schema: {
        summary: 'List the checkpoints of a job',
        description:
          'The last two and the best are kept; of a finished job, until the retention policy removes them, as `collected_at` says.',
        tags: ['jobs'],
        params: jobParams,
        querystring: CheckpointQuery,
        response: { 200: CheckpointPage },
      },
    },
    async (request) => {
      const job = await findJob(dependencies, projectIdOf(request), request.params.jobId)
      const found = await store.checkpoints.list(job.id, request.query)
      const collectedAt = job.checkpointsCollectedAt?.toISOString() ?? null
      return { ...presentPage(found, presentCheckpoint), collected_at: collectedAt }
    },
  )

  // HEAD first, or the framework makes one that reads the whole file.
  for (const method of ['HEAD', 'GET'] as const) {
    app.route({
      method,
      url: '/v1/jobs/:jobId/checkpoints/:checkpointId/weights',
      handlerTimeout: transferTimeoutMs,
      config: {
        scope: 'jobs:read',
        headers: ['Range', 'If-Range', 'If-None-Match'],
        problems: [
          'job_not_found',
          'checkpoint_not_found',
          'checkpoint_collected',
          'not_acceptable',
          'range_not_satisfiable',
        ],
      },
      schema: {
        hide: method === 'HEAD',
        summary: 'Download the weights of a checkpoint',
        description: 'What a stop at its step would have left, as the weights of a job come.',
        tags: ['jobs'],
        params: checkpointParams,
        querystring: WeightsQuery,
        response: weightsResponse,
      },
      async handler(request, reply) {
        const { jobId, checkpointId } = request.params
        const job = await findJob(dependencies, projectIdOf(request), jobId)
        const weights = await store.checkpoints.weights(job.id, checkpointId)
        const whenGone = () => noSuchCheckpoint(job, checkpointId)
        if (!weights) throw whenGone()
        const send = sendWeights[request.query.format]
        const name = `${jobId}-step-${weights.step}`
        return send({ store, request, reply }, { job, weights, name, whenGone })
      },
    })
  }
}
