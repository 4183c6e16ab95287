/** @file A job that has ended goes, with its runs, losses, events, weights and all their chunks. */
import { isTerminal, type JobStatus } from '../../contract/jobs.ts'
import { lockCheckpoints } from '../checkpoints/checkpoint-uses.ts'
import { terminalList } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import { weightsUsersOf } from '../weights-uses.ts'

export type DeleteJobOutcome =
  | { readonly outcome: 'missing' | 'deleted' }
  | { readonly outcome: 'refused'; readonly status: JobStatus }
  | { readonly outcome: 'used'; readonly users: readonly JobUser[] }

/** An unfinished job that starts from it. */
export interface JobUser {
  readonly jobId: string
  readonly of: 'checkpoint' | 'weights'
}

/**
 * Before its checkpoints, as every run locks them. Waits for jobs that are just being made to start from its
 * weights.
 */
const lockJobSql = 'SELECT 1 FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE'

/** Blobs are not below the job, so their ids are gathered before the rows that name them go. */
const deleteJobSql = `
WITH before AS (
  SELECT id, status FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE
), owned AS (
  SELECT blob_id FROM weights JOIN before ON job_id = before.id
  UNION ALL SELECT unnest(ARRAY[blob_id, rest_blob_id]) FROM checkpoints JOIN before ON job_id = before.id
), users AS (
  SELECT u.job_id, 'checkpoint' AS of FROM checkpoint_uses u JOIN jobs starting ON starting.id = u.job_id
    JOIN checkpoints c ON c.id = u.checkpoint_id JOIN before ON c.job_id = before.id
  WHERE starting.status NOT IN ${terminalList}
  UNION ALL SELECT job_id, 'weights' FROM (${weightsUsersOf('$2')}) AS starting
  ORDER BY job_id LIMIT 10
), gone AS (
  DELETE FROM jobs USING before
  WHERE jobs.id = before.id AND before.status IN ${terminalList}
    AND NOT EXISTS (SELECT 1 FROM users)
  RETURNING jobs.id
)
SELECT status, EXISTS (SELECT 1 FROM gone) AS deleted,
  ARRAY(SELECT blob_id FROM owned) AS blobs,
  ARRAY(SELECT jsonb_build_object('jobId', job_id, 'of', of) FROM users) AS users
FROM before`

/** To be run in a transaction: the blobs go in a second statement, after the rows that name them. */
export async function deleteJob(
  transaction: Queryable,
  projectId: string,
  jobId: string,
): Promise<DeleteJobOutcome> {
  const { rowCount } = await transaction.query(lockJobSql, [projectId, jobId])
  if (rowCount === 0) return { outcome: 'missing' }
  await lockCheckpoints(transaction, jobId)
  const { rows } = await transaction.query<{
    status: JobStatus
    deleted: boolean
    blobs: string[]
    users: JobUser[]
  }>(deleteJobSql, [projectId, jobId])
  const [found] = rows
  if (!found) return { outcome: 'missing' }
  if (!found.deleted) {
    const { status, users } = found
    return isTerminal(status) ? { outcome: 'used', users } : { outcome: 'refused', status }
  }
  await transaction.query('DELETE FROM blobs WHERE project_id = $1 AND id = ANY($2::text[])', [
    projectId,
    found.blobs,
  ])
  return { outcome: 'deleted' }
}
