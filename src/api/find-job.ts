/** @file The job that a route is about; another project's is as missing as one that never was. */
import { z } from 'zod'

import { AppError } from '../contract/errors.ts'
import { JobId } from '../contract/ids.ts'
import type { JobRow } from '../store/jobs/read-jobs.ts'
import type { ApiDependencies } from './dependencies.ts'

export const jobParams = z.strictObject({ jobId: JobId })

export async function findJob(
  { store }: Pick<ApiDependencies, 'store'>,
  projectId: string,
  jobId: string,
): Promise<JobRow> {
  const row = await store.jobs.find(projectId, jobId)
  if (!row) throw noSuchJob(jobId)
  return row
}

export function noSuchJob(jobId: string): AppError {
  return new AppError('job_not_found', `There is no job ${jobId} in this project.`)
}
