/** @file /v1/jobs/{id}/runs: the attempts at a job. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { RunPage, RunQuery } from '../../contract/jobs.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { findJob, jobParams } from '../find-job.ts'
import { presentPage } from '../presenters/page.ts'
import { presentRun } from '../presenters/run.ts'

export interface JobRunRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
}

export const jobRunRoutes: FastifyPluginAsyncZod<JobRunRoutesOptions> = async (app, options) => {
  const { dependencies } = options

  app.get(
    '/v1/jobs/:jobId/runs',
    {
      config: { scope: 'jobs:read', problems: ['job_not_found'] },
      schema: {
        summary: 'List the attempts at a job',
        tags: ['jobs'],
        params: jobParams,
        querystring: RunQuery,
        response: { 200: RunPage },
      },
    },
    async (request) => {
      const job = await findJob(dependencies, projectIdOf(request), request.params.jobId)
      return presentPage(await dependencies.store.jobs.runs(job.id, request.query), presentRun)
    },
  )
}
