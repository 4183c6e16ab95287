/**
 * @file One job comes into being: inside the transaction of its caller, or together with others of
 * the moment that train on the same dataset.
 *
 * Those of other datasets do not go with it: they would wait while this one is being deleted.
 */
import type pg from 'pg'

import { AppError } from '../../contract/errors.ts'
import type { Spec } from '../../contract/spec/spec.ts'
import { isRefusedStatement } from '../database-errors.ts'
import { gather } from '../gather.ts'
import type { Queryable } from '../transaction.ts'
import { type CreatedJob, createJobs, type JobsOwner, type NewJob } from './create-jobs.ts'

/** Errors: `dataset_not_found` when a dataset has gone meanwhile, `too_many_jobs` at the limit. */
export type CreateJob = (
  db: Queryable,
  projectId: string,
  job: NewJob,
  maxUnfinishedJobs: number,
) => Promise<CreatedJob>

interface Asked {
  readonly owner: JobsOwner
  readonly job: NewJob
}

/** A spec has at most 256 KiB: more of them would be a statement of more than 5 MB. */
const jobsPerStatement = 20

export function createJobCreator(pool: pg.Pool): CreateJob {
  const createTogether = gather(
    (asked: readonly Asked[]) =>
      createJobs(
        pool,
        asked[0].owner,
        asked.map(({ job }) => job),
      ),
    {
      keyOf: ({ owner }) => JSON.stringify(owner),
      atMost: jobsPerStatement,
      isOfOne: isRefusedStatement,
    },
  )

  return async (db, projectId, job, maxUnfinishedJobs) => {
    const owner = {
      projectId,
      dataset: job.spec.dataset,
      validationDataset: validationDatasetOf(job.spec),
      maxUnfinishedJobs,
    }
    const created =
      db === pool ? await createTogether({ owner, job }) : (await createJobs(db, owner, [job]))[0]
    if (created instanceof AppError) throw created
    return created
  }
}

function validationDatasetOf({ training: { validation } }: Spec): string | null {
  return validation && 'dataset' in validation ? validation.dataset : null
}
