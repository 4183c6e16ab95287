/** @file /v1/jobs/{id}/losses: the curves, thinned where they are long. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { LossQuery, LossSeries } from '../../contract/losses.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { findJob, jobParams } from '../find-job.ts'
import { historyCollectedAt } from '../history-collected-at.ts'
import { presentLossSeries } from '../presenters/loss-series.ts'

export interface JobLossRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
}

export const jobLossRoutes: FastifyPluginAsyncZod<JobLossRoutesOptions> = async (app, options) => {
  const { dependencies } = options

  app.get(
    '/v1/jobs/:jobId/losses',
    {
      config: { scope: 'jobs:read', problems: ['job_not_found'] },
      schema: {
        summary: 'Read the losses and metrics of a job by step',
        tags: ['jobs'],
        params: jobParams,
        querystring: LossQuery,
        response: { 200: LossSeries },
      },
    },
    async (request) => {
      const { names, from_step: fromStep, to_step: toStep, max_points: maxPoints } = request.query
      const job = await findJob(dependencies, projectIdOf(request), request.params.jobId)
      const series = await dependencies.store.readLosses(job.id, {
        names: names?.split(','),
        fromStep,
        toStep,
        maxPoints,
      })
      // Afterwards: what was removed between the two must not look like nothing.
      return presentLossSeries(series, await historyCollectedAt(dependencies, job))
    },
  )
}
