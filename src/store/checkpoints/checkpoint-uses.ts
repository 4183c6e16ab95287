/**
 * @file Jobs that start from a checkpoint of another. Until such a job has ended, newer checkpoints do not
 * replace the one that it starts from, the job that owns it is not deleted, and leaves it there when it
 * starts over.
 */
import { terminalList } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'

/** Names a checkpoint as a spec does. */
export interface CheckpointName {
  readonly job: string
  readonly checkpoint: string
}

/** SQL that is true for a row of `checkpoints` from which an unfinished job starts. */
export const isInUse = `EXISTS (
    SELECT 1 FROM checkpoint_uses u JOIN jobs starting ON starting.id = u.job_id
    WHERE u.checkpoint_id = checkpoints.id AND starting.status NOT IN ${terminalList})`

/**
 * Waits for jobs that are just being made to start from these. A statement sees what had committed when it
 * began, not what it waited for: so `isInUse` is to be asked by a later one of the same transaction.
 */
export async function lockCheckpoints(
  transaction: Queryable,
  jobId: string,
  which = 'job_id = $1',
): Promise<void> {
  await transaction.query(`SELECT 1 FROM checkpoints WHERE ${which} ORDER BY id FOR UPDATE`, [
    jobId,
  ])
}

/** To be run in the transaction that makes the job. False: the checkpoint has gone meanwhile. */
export async function useCheckpoint(
  transaction: Queryable,
  jobId: string,
  { job, checkpoint }: CheckpointName,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `INSERT INTO checkpoint_uses (job_id, checkpoint_id)
    SELECT $1, id FROM checkpoints WHERE job_id = $2 AND id = $3 FOR KEY SHARE`,
    [jobId, job, checkpoint],
  )
  return rowCount === 1
}
