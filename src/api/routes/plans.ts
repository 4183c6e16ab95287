/** @file /v1/plans: what a job will cost, by the same code that admits it. Nothing is stored. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { newId } from '../../contract/ids.ts'
import { Plan } from '../../contract/plans.ts'
import { CreateJob } from '../../contract/spec/spec.ts'
import { admitJob, findTrainingDataset, type TrainingDataset } from '../admission/admit-job.ts'
import { limitsOf, projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { createRowsUnderWay } from '../rows-under-way.ts'
import { tableOf } from '../uploads/inline-rows.ts'
import { type ReadRows, readRows } from '../uploads/read-rows.ts'

export interface PlanRoutesOptions {
  readonly dependencies: ApiDependencies
}

export const planRoutes: FastifyPluginAsyncZod<PlanRoutesOptions> = async (app, options) => {
  const { dependencies } = options
  const { store, pool, calibration } = dependencies
  const underWay = createRowsUnderWay()

  app.post(
    '/v1/plans',
    {
      config: {
        scope: 'jobs:read',
        problems: [
          'dataset_not_found',
          'invalid_spec',
          'invalid_dataset',
          'limit_exceeded',
          'too_many_rows_waiting',
        ],
      },
      schema: {
        summary: 'Plan a job: parameters, bytes, FLOPs, seconds',
        description: 'Takes what POST /v1/jobs takes, and starts nothing.',
        tags: ['plans'],
        body: CreateJob,
        response: { 200: Plan },
      },
    },
    async (request, reply) => {
      const projectId = projectIdOf(request)
      const limits = limitsOf(request)
      const { dataset } = request.body
      if (typeof dataset !== 'string') underWay.take(request, reply)
      const table =
        typeof dataset === 'string'
          ? await findTrainingDataset(store.db, projectId, dataset, '/dataset')
          : datasetOfRows(await readRows({ pool, limits }, projectId, dataset.rows))
      const parts = { limits, calibration }
      const { plan } = await admitJob(parts, store.db, projectId, request.body, table)
      return plan
    },
  )
}

/** The id is nobody's. */
function datasetOfRows({ file, profile }: ReadRows): TrainingDataset {
  return { id: newId('dataset'), bytes: file.length, profile: tableOf(profile) }
}
