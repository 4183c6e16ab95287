/** @file /v1/jobs/{id}/predict: raw rows in, prepared as in training; labels or quantities out. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { completePlan, type Plan } from '../../contract/plans.ts'
import { PredictRequest, PredictResponse } from '../../contract/predictions.ts'
import { fromJson } from '../../store/json.ts'
import { checkAnswerBytes } from '../../threads/answer-bytes.ts'
import { checkPredictionTime, predictionCost } from '../../threads/prediction-cost.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { jobParams } from '../find-job.ts'
import { findWeights } from '../find-weights.ts'
import { sendPredictions } from '../models/send-predictions.ts'
import { createTrainedModels } from '../models/trained-models.ts'
import { createRowsUnderWay } from '../rows-under-way.ts'
import { whileWanted } from '../while-wanted.ts'

export interface PredictionRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store' | 'pool'>
}

const bodyLimitBytes = 4 * 1024 * 1024
const modelsBytes = 256 * 1024 * 1024

export const predictionRoutes: FastifyPluginAsyncZod<PredictionRoutesOptions> = async (
  app,
  { dependencies },
) => {
  const { store, pool } = dependencies
  const models = createTrainedModels({ store, maxBytes: modelsBytes })
  const underWay = createRowsUnderWay()

  app.post(
    '/v1/jobs/:jobId/predict',
    {
      bodyLimit: bodyLimitBytes,
      config: {
        scope: 'predict',
        problems: [
          'job_not_found',
          'job_not_ready',
          'weights_not_found',
          'invalid_rows',
          'limit_exceeded',
          'too_many_rows_waiting',
        ],
        example: { rows: [{ tenure_months: 12, contract: 'monthly', support_calls: null }] },
      },
      schema: {
        summary: 'Predict with the network of a job that has succeeded',
        description:
          'Rows as they stood in the dataset: every column that the network was trained on, at least as null; others are passed over. For a network trained on text, rows are {"text": …}, and the answer is the 20 likeliest next characters; for images, {"pixels": [ … ]}. An answer has at most 8 MiB: rows that could take more, of a network with many classes or target columns, are refused with the number that may come at once.',
        tags: ['predictions'],
        params: jobParams,
        body: PredictRequest,
        response: { 200: PredictResponse },
      },
    },
    async (request, reply) => {
      const { rows } = request.body
      const projectId = projectIdOf(request)
      const found = await findWeights(dependencies, projectId, request.params.jobId)
      const plan = completePlan(fromJson<Plan>(found.job.plan))
      checkPredictionTime(plan, rows.length)
      const answerBytes = checkAnswerBytes(found.weights.preprocessing, rows.length)
      underWay.take(request, reply, answerBytes)
      const terms = { group: projectId, signal: whileWanted(reply) }
      const cost = { ...predictionCost(plan, rows.length, answerBytes), ...terms }
      const result = await models.use(found, terms, (model) => pool.predict({ model, rows }, cost))
      return sendPredictions(reply, result)
    },
  )
}
