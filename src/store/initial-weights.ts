/**
 * @file What a job starts from, as its spec names it: the weights of a checkpoint of another job, or those
 * that a job has left as its result.
 */
import type { JobStatus } from '../contract/jobs.ts'
import type { InitFrom } from '../contract/spec/spec.ts'
import { useCheckpoint } from './checkpoints/checkpoint-uses.ts'
import type { StoredBlob } from './checkpoints/resumable-checkpoints.ts'
import { fromJson } from './json.ts'
import type { Queryable } from './transaction.ts'
import { useWeights } from './weights-uses.ts'

const findSql = `
SELECT status, CASE WHEN blob_id IS NOT NULL THEN
  jsonb_build_object('id', blob_id, 'bytes', bytes, 'sha256', sha256) END AS blob
FROM jobs LEFT JOIN LATERAL (
  SELECT blob_id, bytes, sha256 FROM checkpoints WHERE job_id = jobs.id AND id = $3
  UNION ALL
  SELECT blob_id, bytes, sha256 FROM weights WHERE job_id = jobs.id AND $3::text IS NULL
) named ON true
WHERE project_id = $1 AND jobs.id = $2`

/** Their file, or what is missing. A status: being that, the job has left no weights. */
export async function findInitialWeights(
  db: Queryable,
  projectId: string,
  { job, checkpoint }: InitFrom,
): Promise<StoredBlob | 'no_job' | 'no_checkpoint' | JobStatus> {
  const { rows } = await db.query<{ status: JobStatus; blob: unknown }>(findSql, [
    projectId,
    job,
    checkpoint ?? null,
  ])
  const [row] = rows
  if (!row) return 'no_job'
  return fromJson<StoredBlob | null>(row.blob) ?? (checkpoint ? 'no_checkpoint' : row.status)
}

/**
 * Keeps them until the new job has ended; to be run in the transaction that makes it. False: they have
 * gone meanwhile.
 */
export function useInitialWeights(
  transaction: Queryable,
  projectId: string,
  jobId: string,
  { job, checkpoint }: InitFrom,
): Promise<boolean> {
  return checkpoint
    ? useCheckpoint(transaction, jobId, { job, checkpoint })
    : useWeights(transaction, projectId, jobId, job)
}
