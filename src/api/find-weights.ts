/** @file The weights of a job, which are there once it has succeeded. */

import { AppError } from '../contract/errors.ts'
import { isTerminal } from '../contract/jobs.ts'
import type { JobRow } from '../store/jobs/read-jobs.ts'
import type { WeightsRow } from '../store/weights.ts'
import type { ApiDependencies } from './dependencies.ts'
import { findJob } from './find-job.ts'

export interface JobWithWeights {
  readonly job: JobRow
  readonly weights: WeightsRow
}

/** Errors: `job_not_found`, `job_not_ready`, `weights_not_found`. */
export async function findWeights(
  dependencies: Pick<ApiDependencies, 'store'>,
  projectId: string,
  jobId: string,
): Promise<JobWithWeights> {
  const job = await findJob(dependencies, projectId, jobId)
  if (!isTerminal(job.status)) {
    throw new AppError('job_not_ready', `Job ${jobId} is ${job.status}; it has no weights yet.`)
  }
  const weights =
    job.status === 'succeeded' ? await dependencies.store.weights.find(projectId, jobId) : null
  if (!weights) {
    throw new AppError('weights_not_found', `Job ${jobId} ended as ${job.status}, without weights.`)
  }
  return { job, weights }
}
