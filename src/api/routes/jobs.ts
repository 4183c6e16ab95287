/** @file /v1/jobs: ask for a training, see how it is going, stop or cancel it, remove it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { labelsOf } from '../../contract/common.ts'
import { Job, JobPage, JobQuery } from '../../contract/jobs.ts'
import { CreateJob } from '../../contract/spec/spec.ts'
import { crashPoint } from '../../faults/crash-point.ts'
import { deleteJob } from '../../store/jobs/delete-job.ts'
import { fromJson } from '../../store/json.ts'
import { admitJob } from '../admission/admit-job.ts'
import { keepInitialWeights } from '../admission/check-initial-weights.ts'
import { datasetOf } from '../admission/dataset-of.ts'
import { createFullQueues } from '../admission/full-queues.ts'
import { createJobQuota } from '../admission/job-quota.ts'
import { createKnownDatasets } from '../admission/known-datasets.ts'
import { createResultQuota } from '../admission/result-quota.ts'
import { limitsOf, projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { findJob, jobParams } from '../find-job.ts'
import { findWaiting } from '../find-waiting.ts'
import { answerIdempotently } from '../idempotency.ts'
import { askOfJob, intentRefusals, requireDeleted } from '../job-intents.ts'
import {
  type KeptJob,
  keptOf,
  presentJob,
  presentJobSummary,
  restoreJob,
} from '../presenters/job.ts'
import { presentPage } from '../presenters/page.ts'
import { createRowsUnderWay } from '../rows-under-way.ts'
import { readRows } from '../uploads/read-rows.ts'
import { whenItHasEnded } from '../when-it-has-ended.ts'

type CreateRequest = FastifyRequest & { readonly body: CreateJob }

export interface JobRoutesOptions {
  readonly dependencies: ApiDependencies
}

const example = {
  name: 'churn',
  dataset: 'ds_0192f0c1a2b37c4d8e5f60718293a4b5',
  target: { column: 'churned' },
  model: { type: 'mlp', hidden: [64, 32], activation: 'relu' },
  training: {
    epochs: 20,
    batch_size: 64,
    seed: 7,
    optimizer: { type: 'adamw', learning_rate: 0.001, weight_decay: 0.01 },
    schedule: { type: 'cosine', warmup_steps: 100 },
    validation: { fraction: 0.2 },
    early_stopping: { patience: 3 },
  },
}

export const jobRoutes: FastifyPluginAsyncZod<JobRoutesOptions> = async (app, options) => {
  const { dependencies } = options
  const { store, relay, pool, calibration } = dependencies
  const known = createKnownDatasets()
  const underWay = createRowsUnderWay()
  const fullQueues = createFullQueues()
  const resultQuota = createResultQuota(store)
  const jobQuota = createJobQuota(store)

  /** The id as it came, or the rows as a thread has read them. */
  async function givenDataset(request: CreateRequest, reply: FastifyReply) {
    const { dataset } = request.body
    if (typeof dataset === 'string') return dataset
    const release = underWay.take(request, reply)
    const parts = { pool, limits: limitsOf(request) }
    return readRows(parts, projectIdOf(request), dataset.rows).finally(release)
  }

  async function presentCurrent(request: FastifyRequest, jobId: string): Promise<Job> {
    const row = await findJob(dependencies, projectIdOf(request), jobId)
    return presentJob(row, await findWaiting(store.db, row, limitsOf(request)))
  }

  /** Errors: `job_not_found` when it was deleted since. */
  const restoreIn = (request: FastifyRequest) => async (answer: object) => {
    const kept = fromJson<KeptJob>(answer)
    return restoreJob(kept, await findJob(dependencies, projectIdOf(request), kept.id))
  }

  app.post(
    '/v1/jobs',
    {
      config: {
        scope: 'jobs:write',
        idempotent: true,
        headers: ['Prefer'],
        example,
        problems: [
          'dataset_not_found',
          'job_not_found',
          'checkpoint_not_found',
          'checkpoint_collected',
          'invalid_spec',
          'invalid_dataset',
          'limit_exceeded',
          'quota_exceeded',
          'too_many_jobs',
          'too_many_rows_waiting',
        ],
      },
      schema: {
        summary: 'Train a network',
        description:
          'Answers 202 at once. With `Prefer: wait=30` it answers 200 when the job has ended, or 202 after 30 seconds.',
        tags: ['jobs'],
        body: CreateJob,
        response: { 200: Job, 202: Job },
      },
      onRequest(_request, _reply, done) {
        crashPoint('post_job.authenticated')
        done()
      },
    },
    async (request, reply) => {
      crashPoint('post_job.received')
      const projectId = projectIdOf(request)
      const limits = limitsOf(request)
      const complete = whenItHasEnded(dependencies, request, reply, (jobId) =>
        presentCurrent(request, jobId),
      )
      const { dataset: source, init_from: initFrom } = request.body
      const isOneStatement = typeof source === 'string' && initFrom === undefined
      const given = await givenDataset(request, reply)
      crashPoint('post_job.rows_read')
      return answerIdempotently(
        {
          store,
          request,
          reply,
          collection: '/v1/jobs',
          restore: restoreIn(request),
          complete,
          isOneStatement,
        },
        async (transaction) => {
          fullQueues.check(projectId)
          const { name = null } = request.body
          const dataset = await datasetOf(given, name, { limits, known, transaction, projectId })
          crashPoint('post_job.dataset_found')
          const parts = { limits, calibration }
          const job = await admitJob(parts, transaction, projectId, request.body, dataset)
          crashPoint('post_job.admitted')
          await Promise.all([
            resultQuota.reserve(projectId, job.plan.weights_bytes, limits.results_bytes_total),
            jobQuota.reserve(projectId, 1, limits.jobs_kept),
          ])
          crashPoint('post_job.result_reserved')
          const created = await store
            .createJob(
              transaction,
              projectId,
              { ...job, ...originOf(request) },
              limits.jobs_unfinished,
            )
            .catch((error) => {
              known.forget(projectId, dataset.id) // it may have been deleted
              fullQueues.remember(projectId, error)
              throw error
            })
          crashPoint('post_job.created')
          await keepInitialWeights(transaction, projectId, job.id, initFrom)
          crashPoint('post_job.first_weights_kept')
          const body = presentJob(created.row, { position: created.queuePosition, reason: null })
          const afterCommit = () => {
            relay.wake()
            tellAccepted(request, job.id)
          }
          return { status: 202, body, kept: keptOf(body), afterCommit }
        },
      )
    },
  )

  app.get(
    '/v1/jobs',
    {
      config: { scope: 'jobs:read' },
      schema: {
        summary: 'List jobs',
        tags: ['jobs'],
        querystring: JobQuery,
        response: { 200: JobPage },
      },
    },
    async (request) => {
      const { limit, after, order, label, ...filter } = request.query
      const page = await store.jobs.list(
        projectIdOf(request),
        { ...filter, labels: labelsOf(label) },
        { limit, after, order },
      )
      return presentPage(page, presentJobSummary)
    },
  )

  app.get(
    '/v1/jobs/:jobId',
    {
      config: { scope: 'jobs:read', problems: ['job_not_found'] },
      schema: { summary: 'Read a job', tags: ['jobs'], params: jobParams, response: { 200: Job } },
    },
    (request) => presentCurrent(request, request.params.jobId),
  )

  for (const intent of ['cancel', 'stop', 'pause', 'resume'] as const) {
    app.post(
      `/v1/jobs/:jobId/${intent}`,
      {
        config: {
          scope: 'jobs:write',
          idempotent: true,
          problems: ['job_not_found', intentRefusals[intent]],
        },
        schema: {
          summary: intentSummaries[intent],
          tags: ['jobs'],
          params: jobParams,
          response: { 200: Job, 202: Job },
        },
      },
      (request, reply) =>
        answerIdempotently({ store, request, reply, restore: restoreIn(request) }, (transaction) =>
          askOfJob(dependencies, transaction, request, request.params.jobId, intent),
        ),
    )
  }

  app.delete(
    '/v1/jobs/:jobId',
    {
      config: {
        scope: 'jobs:write',
        problems: ['job_not_found', 'job_not_deletable', 'checkpoint_in_use', 'weights_in_use'],
      },
      schema: {
        summary: 'Remove a job that has ended, with its losses and weights',
        tags: ['jobs'],
        params: jobParams,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { jobId } = request.params
      const projectId = projectIdOf(request)
      const outcome = await store.transaction(
        (transaction) => deleteJob(transaction, projectId, jobId),
        { isBulk: true },
      )
      requireDeleted(outcome, jobId)
      return reply.code(204).send()
    },
  )
}

/** Kept with the job, so that what a worker logs and traces leads back to the request. */
function originOf({ id, span }: FastifyRequest) {
  return { requestId: id, traceparent: span?.traceparent ?? null }
}

function tellAccepted({ log, span }: FastifyRequest, jobId: string): void {
  log.info({ jobId }, 'job accepted')
  span?.set({ 'trainyard.job.id': jobId })
}

const intentSummaries = {
  cancel: 'Cancel a job: it ends within a second and leaves no weights',
  stop: 'Stop a job: it ends within a second and keeps its weights; a paused one those of its checkpoint',
  pause: 'Pause a job: a running one writes a checkpoint and rests within a second',
  resume: 'Resume a paused job: it goes on from its checkpoint, on whichever worker is free',
} as const
