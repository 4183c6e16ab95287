/**
 * @file Jobs that start from the weights of another, its result. Until such a job has ended, the one that
 * they are of is not deleted.
 */
import { terminalList } from './sql-fragments.ts'
import type { Queryable } from './transaction.ts'

/** SQL for a relation with the unfinished jobs that start from the weights of `jobId`. */
export const weightsUsersOf = (jobId: string) => `
  SELECT u.job_id FROM weights_uses u JOIN jobs starting ON starting.id = u.job_id
  WHERE u.weights_job_id = ${jobId} AND starting.status NOT IN ${terminalList}`

/**
 * To be run in the transaction that makes the job. False: the other job has gone meanwhile. Its row is
 * locked, so that its deletion waits, and then sees that they are used.
 */
export async function useWeights(
  transaction: Queryable,
  projectId: string,
  jobId: string,
  weightsJobId: string,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `INSERT INTO weights_uses (job_id, weights_job_id)
    SELECT $1, jobs.id FROM jobs JOIN weights ON weights.job_id = jobs.id
    WHERE jobs.project_id = $2 AND jobs.id = $3 FOR KEY SHARE OF jobs`,
    [jobId, projectId, weightsJobId],
  )
  return rowCount === 1
}
