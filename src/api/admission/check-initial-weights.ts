/** @file Weights that a job wants to start from: they are there, and they are of the same network. */
import { AppError } from '../../contract/errors.ts'
import { isTerminal, type JobStatus } from '../../contract/jobs.ts'
import type { InitFrom } from '../../contract/spec/spec.ts'
import { BlobGone, readBlob } from '../../store/blobs/read-blob.ts'
import { findInitialWeights, useInitialWeights } from '../../store/initial-weights.ts'
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
  if (blob === 'no_job' || blob === 'no_checkpoint') throw await whyGone(db, projectId, from)
  if (typeof blob === 'string') throw withoutWeights(from.job, blob)
  const { tensors } = await readWeightsHeader((range) => readBlob(db, blob.id, range)).catch(
    async (error) => {
      // Newer ones have replaced the checkpoint meanwhile, or the job was deleted.
      throw error instanceof BlobGone ? await whyGone(db, projectId, from) : error
    },
  )
  const source = from.checkpoint ? 'checkpoint' : 'job'
  const given = new Map(tensors.map(({ name, shape }) => [name, shape]))
  const misfit = misfitOf(given, parameters, source)
  if (!misfit) return
  const detail = `${misfit} Start from a ${source} of the same model.`
  throw new AppError('invalid_spec', detail, {
    errors: [{ pointer: '/init_from', code: 'weights_mismatch', detail }],
  })
}

/**
 * To be run where the job is made. Errors, when they have gone meanwhile: `job_not_found`,
 * `checkpoint_not_found`, `checkpoint_collected`.
 */
export async function keepInitialWeights(
  transaction: Queryable,
  projectId: string,
  jobId: string,
  from: InitFrom | undefined,
): Promise<void> {
  if (!from || (await useInitialWeights(transaction, projectId, jobId, from))) return
  throw await whyGone(transaction, projectId, from)
}

async function whyGone(
  db: Queryable,
  projectId: string,
  { job, checkpoint }: InitFrom,
): Promise<AppError> {
  const row = checkpoint && (await readJob(db, projectId, job))
  if (row) return noSuchCheckpoint(row, checkpoint, '/init_from/checkpoint')
  const { code, message: detail } = noSuchJob(job)
  return new AppError(code, detail, { errors: [{ pointer: '/init_from/job', code, detail }] })
}

function withoutWeights(job: string, status: JobStatus): AppError {
  const what = isTerminal(status) ? 'Start from another, or name' : 'Wait until it has, or name'
  const detail = `Expected a job that has succeeded, but ${job} is ${status}. ${what} one of its checkpoints in init_from.checkpoint.`
  return new AppError('invalid_spec', detail, {
    errors: [{ pointer: '/init_from/job', code: 'job_not_succeeded', detail }],
  })
}

function misfitOf(
  given: ReadonlyMap<string, readonly number[]>,
  expected: readonly PlannedParameter[],
  source: 'checkpoint' | 'job',
): string | undefined {
  for (const { name, shape } of expected) {
    const found = given.get(name)
    if (found?.join() === shape.join()) continue
    const has = found ? `one of (${found.join(', ')})` : 'none'
    return `Expected weights ${name} of shape (${shape.join(', ')}), but the ${source} has ${has}.`
  }
  if (given.size === expected.length) return undefined
  return `Expected ${expected.length} tensors, but the ${source} has ${given.size}.`
}
