/** @file What becomes of a request to cancel, stop, pause, resume or delete a job: the state table, as answers. */
import type { FastifyRequest } from 'fastify'

import { AppError, type ErrorCode } from '../contract/errors.ts'
import type { DeleteJobOutcome } from '../store/jobs/delete-job.ts'
import { readJob } from '../store/jobs/read-job.ts'
import {
  cancelJob,
  type IntentOutcome,
  pauseJob,
  resumeJob,
  stopJob,
} from '../store/jobs/set-intent.ts'
import type { Queryable } from '../store/transaction.ts'
import { limitsOf, projectIdOf } from './caller.ts'
import type { ApiDependencies } from './dependencies.ts'
import { noSuchJob } from './find-job.ts'
import { findWaiting } from './find-waiting.ts'
import type { RouteAnswer } from './idempotency.ts'
import { keptOf, presentJob } from './presenters/job.ts'

export type IntentName = 'cancel' | 'stop' | 'pause' | 'resume'

export const intentRefusals = {
  cancel: 'job_not_cancellable',
  stop: 'job_not_stoppable',
  pause: 'job_not_pausable',
  resume: 'job_not_resumable',
} as const satisfies Record<IntentName, ErrorCode>

const setters = { cancel: cancelJob, stop: stopJob, pause: pauseJob, resume: resumeJob } as const

/** 200 when it is done, 202 when the job's worker is to confirm it. */
export async function askOfJob(
  { live, relay }: Pick<ApiDependencies, 'live' | 'relay'>,
  transaction: Queryable,
  request: FastifyRequest,
  jobId: string,
  intent: IntentName,
): Promise<RouteAnswer> {
  const projectId = projectIdOf(request)
  const outcome = await setters[intent](transaction, projectId, jobId)
  const status = statusOf(outcome, jobId, intent)
  const row = await readJob(transaction, projectId, jobId)
  if (!row) throw noSuchJob(jobId)
  const waiting = await findWaiting(transaction, row, limitsOf(request))
  const body = presentJob(row, waiting)
  return {
    status,
    body,
    kept: keptOf(body),
    afterCommit() {
      live.publish(jobId)
      if (row.status === 'queued') relay.wake()
    },
  }
}

function statusOf(outcome: IntentOutcome, jobId: string, intent: IntentName): 200 | 202 {
  switch (outcome.outcome) {
    case 'missing':
      throw noSuchJob(jobId)
    case 'done':
      return 200
    case 'recorded':
      return 202
    case 'refused':
      throw new AppError(
        intentRefusals[intent],
        `Expected a job that can be asked to ${intent}, but ${jobId} is ${outcome.status}.`,
      )
    default:
      return outcome satisfies never
  }
}

export function requireDeleted(outcome: DeleteJobOutcome, jobId: string): void {
  if (outcome.outcome === 'missing') throw noSuchJob(jobId)
  if (outcome.outcome === 'used') {
    const jobs = outcome.users.map((user) => user.jobId).join(', ')
    const usesCheckpoint = outcome.users.some((user) => user.of === 'checkpoint')
    const code = usesCheckpoint ? 'checkpoint_in_use' : 'weights_in_use'
    throw new AppError(code, `Unfinished jobs start from ${jobId}: ${jobs}.`)
  }
  if (outcome.outcome === 'refused') {
    throw new AppError(
      'job_not_deletable',
      `Expected a job that has ended, but ${jobId} is ${outcome.status}.`,
    )
  }
}
