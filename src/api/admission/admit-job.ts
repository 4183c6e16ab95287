/**
 * @file Admission: from what a client POSTs to a job that can run, or a problem that says why not.
 *
 * The same code answers /v1/plans, so a plan never promises what a job is then refused.
 */
import { AppError } from '../../contract/errors.ts'
import { newId } from '../../contract/ids.ts'
import type { Plan } from '../../contract/plans.ts'
import { type CreateJob, featuresOf, Spec } from '../../contract/spec/spec.ts'
import type { Limits } from '../../contract/tenancy.ts'
import { findDatasetForAdmission } from '../../store/find-dataset-for-admission.ts'
import type { NewJob } from '../../store/jobs/create-jobs.ts'
import type { Queryable } from '../../store/transaction.ts'
import { checkLimits } from '../../threads/check-limits.ts'
import type { PlannedDataset } from '../../threads/data-bytes.ts'
import { parametersOf, planJob } from '../../threads/plan.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { sha256Of } from './canonical-json.ts'
import { checkInitialWeights } from './check-initial-weights.ts'

export interface AdmissionDependencies extends Pick<ApiDependencies, 'calibration'> {
  /** Of the project. */
  readonly limits: Limits
}

/** A dataset that a job may train on. */
export interface TrainingDataset extends PlannedDataset {
  readonly id: string
}

/** Loss points are numbered in 32 bits. */
const maxSteps = 2_147_483_647

/**
 * Plans the job on its dataset. Errors: `dataset_not_found` for a validation dataset, `job_not_found`
 * and `checkpoint_not_found` for what it starts from, `invalid_spec`, `limit_exceeded`.
 */
export async function admitJob(
  dependencies: AdmissionDependencies,
  db: Queryable,
  projectId: string,
  body: CreateJob,
  dataset: TrainingDataset,
): Promise<NewJob> {
  const { name, labels, priority, max_attempts, ...rest } = body
  const spec = completed(Spec.parse({ ...rest, dataset: dataset.id }), dataset)
  const plan = await planSpec(dependencies, db, projectId, spec, dataset)
  return {
    id: newId('job'),
    name: name ?? null,
    labels: labels ?? {},
    priority,
    maxAttempts: max_attempts,
    spec,
    specSha256: sha256Of(spec),
    plan,
    numericsVersion: dependencies.calibration.numericsVersion,
  }
}

/** What is not said of a table's columns is stored as it was understood. */
function completed(spec: Spec, { profile }: TrainingDataset): Spec {
  return profile.kind === 'table' ? { ...spec, features: featuresOf(spec) } : spec
}

async function planSpec(
  { limits, calibration }: AdmissionDependencies,
  db: Queryable,
  projectId: string,
  spec: Spec,
  dataset: TrainingDataset,
): Promise<Plan> {
  const { validation } = spec.training
  const validationDataset =
    validation && 'dataset' in validation
      ? await findTrainingDataset(db, projectId, validation.dataset, '/training/validation/dataset')
      : null
  const plan = planJob(spec, dataset, validationDataset, calibration)
  if (plan.steps > maxSteps) {
    throw invalidSpec(
      '/training/epochs',
      'too_many_steps',
      `Expected at most ${maxSteps} steps, got ${plan.steps}. Train fewer epochs or larger batches.`,
    )
  }
  checkLimits(plan, limits)
  if (spec.init_from) {
    const parameters = parametersOf(spec, dataset, validationDataset)
    await checkInitialWeights(db, projectId, spec.init_from, parameters)
  }
  return plan
}

/** Errors: `dataset_not_found`. */
export async function findTrainingDataset(
  db: Queryable,
  projectId: string,
  datasetId: string,
  pointer: string,
): Promise<TrainingDataset> {
  const dataset = await findDatasetForAdmission(db, projectId, datasetId)
  if (!dataset) {
    const detail = `There is no dataset ${datasetId} in this project.`
    throw new AppError('dataset_not_found', detail, {
      errors: [{ pointer, code: 'dataset_not_found', detail }],
    })
  }
  return { id: datasetId, ...dataset }
}

export function invalidSpec(pointer: string, code: string, detail: string): AppError {
  return new AppError('invalid_spec', detail, { errors: [{ pointer, code, detail }] })
}
