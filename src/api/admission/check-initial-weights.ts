/** @file A checkpoint that a job wants to start from: it is there, and it is of the same network. */
import { AppError } from '../../contract/errors.ts'
import type { InitFrom } from '../../contract/spec/spec.ts'
import { BlobGone, readBlob } from '../../store/blobs/read-blob.ts'
import { findInitialWeights, useCheckpoint } from '../../store/checkpoints/checkpoint-uses.ts'
import { readJob } from '../../store/jobs/read-job.ts'
import type { Queryable } from '../../store/transaction.ts'
import type { PlannedParameter } from '../../threads/plan.ts'
import { readWeightsHeader } from '../downloads/weights-header.ts'
import { noSuchJob } from '../find-job.ts'
import { noSuchCheckpoint } from '../no-such-checkpoint.ts'

/** Errors: `job_not_found`, `checkpoint_not_found`, `checkpoint_collected`, `invalid_spec`. */
export async function checkInitialWeights(
  db: Queryable,
  projectId: string,
  from: InitFrom,
  parameters: readonly PlannedParameter[],
): Promise<void> {
  const blob = await findInitialWeights(db, projectId, from)
  if (blob === 'no_job') {
    const { code, message: detail } = noSuchJob(from.job)
    throw new AppError(code, detail, { errors: [{ pointer: '/init_from/job', code, detail }] })
  }
  if (blob === 'no_checkpoint') throw await whyGone(db, projectId, from)
  const { tensors } = await readWeightsHeader((range) => readBlob(db, blob.id, range)).catch(
    async (error) => {
      // Its job has taken newer ones meanwhile.
      throw error instanceof BlobGone ? await whyGone(db, projectId, from) : error
    },
  )
  const misfit = misfitOf(new Map(tensors.map(({ name, shape }) => [name, shape])), parameters)
  if (!misfit) return
  const detail = `${misfit} Start from a checkpoint of the same model.`
  throw new AppError('invalid_spec', detail, {
    errors: [{ pointer: '/init_from', code: 'weights_mismatch', detail }],
  })
}

/**
 * To be run where the job is made. Errors, when it has gone meanwhile: `checkpoint_not_found`,
 * `checkpoint_collected`.
 */
export async function keepInitialWeights(
  transaction: Queryable,
  projectId: string,
  jobId: string,
  from: InitFrom | undefined,
): Promise<void> {
  if (!from || (await useCheckpoint(transaction, jobId, from))) return
  throw await whyGone(transaction, projectId, from)
}

async function whyGone(
  db: Queryable,
  projectId: string,
  { job, checkpoint }: InitFrom,
): Promise<AppError> {
  const row = await readJob(db, projectId, job)
  return row ? noSuchCheckpoint(row, checkpoint, '/init_from/checkpoint') : noSuchJob(job)
}

function misfitOf(
  given: ReadonlyMap<string, readonly number[]>,
  expected: readonly PlannedParameter[],
): string | undefined {
  for (const { name, shape } of expected) {
    const found = given.get(name)
    if (found?.join() === shape.join()) continue
    const has = found ? `one of (${found.join(', ')})` : 'none'
    return `Expected weights ${name} of shape (${shape.join(', ')}), but the checkpoint has ${has}.`
  }
  if (given.size === expected.length) return undefined
  return `Expected ${expected.length} tensors, but the checkpoint has ${given.size}.`
}
