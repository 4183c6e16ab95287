/** @file When the losses and events of a job were removed by the retention policy, as of now. */
import { isTerminal } from '../contract/jobs.ts'
import type { JobRow } from '../store/jobs/read-jobs.ts'
import type { ApiDependencies } from './dependencies.ts'
import { findJob } from './find-job.ts'

/** To be asked after they were read. Errors: `job_not_found`, where it was deleted meanwhile. */
export async function historyCollectedAt(
  dependencies: Pick<ApiDependencies, 'store'>,
  { id, projectId, status }: JobRow,
): Promise<Date | null> {
  if (!isTerminal(status)) return null
  return (await findJob(dependencies, projectId, id)).historyCollectedAt
}
