/** @file A checkpoint that is not there, or that the retention policy has removed: two different answers. */
import { AppError, type ErrorItem } from '../contract/errors.ts'
import type { JobRow } from '../store/jobs/read-jobs.ts'

/** `pointer` where a field of the body names it. */
export function noSuchCheckpoint(
  { id, checkpointsCollectedAt }: Pick<JobRow, 'id' | 'checkpointsCollectedAt'>,
  checkpointId: string,
  pointer?: string,
): AppError {
  const code = checkpointsCollectedAt ? 'checkpoint_collected' : 'checkpoint_not_found'
  const when = checkpointsCollectedAt?.toISOString()
  const why = when ? ` any more: those that were left when it ended were removed at ${when}` : ''
  const detail = `Job ${id} has no checkpoint ${checkpointId}${why}.`
  const errors: ErrorItem[] | undefined = pointer ? [{ pointer, code, detail }] : undefined
  return new AppError(code, detail, { ...(errors && { errors }) })
}
