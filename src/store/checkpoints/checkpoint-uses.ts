/**
 * @file Jobs that start from a checkpoint of another. Until such a job has ended, newer checkpoints do not
 * replace the one that it starts from, the job that owns it is not deleted, and leaves it there when it
 * starts over.
 */
import { fromJson } from '../json.ts'
import { terminalList } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import type { StoredBlob } from './resumable-checkpoints.ts'

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

/** The weights of the checkpoint, or what is missing. */
export async function findInitialWeights(
  db: Queryable,
  projectId: string,
  { job, checkpoint }: CheckpointName,
): Promise<StoredBlob | 'no_job' | 'no_checkpoint'> {
  const { rows } = await db.query<{ blob: unknown }>(
    `SELECT CASE WHEN c.id IS NOT NULL THEN
      jsonb_build_object('id', c.blob_id, 'bytes', c.bytes, 'sha256', c.sha256) END AS blob
    FROM jobs LEFT JOIN checkpoints c ON c.job_id = jobs.id AND c.id = $3
    WHERE jobs.project_id = $1 AND jobs.id = $2`,
    [projectId, job, checkpoint],
  )
  const [row] = rows
  if (!row) return 'no_job'
  return fromJson<StoredBlob | null>(row.blob) ?? 'no_checkpoint'
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
