/**
 * @file A job comes into being: its row, its first event, and the message that the queue is to get,
 * in one statement, so that all of them are there or none.
 */

import type { Labels } from '../../contract/common.ts'
import { AppError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/jobs.ts'
import { epochsOf, type Plan } from '../../contract/plans.ts'
import type { Spec } from '../../contract/spec/spec.ts'
import { toJsonValue } from '../json.ts'
import { utcNow } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import type { JobRow } from './read-jobs.ts'

export interface NewJob {
  readonly id: string
  readonly name: string | null
  readonly labels: Labels
  readonly priority: number
  readonly maxAttempts: number
  readonly spec: Spec
  readonly specSha256: string
  readonly plan: Plan
  readonly numericsVersion: number
}

/**
 * Locking the datasets FOR KEY SHARE makes their deletion wait until the job is there to be seen.
 * The count of unfinished jobs is exact but for requests under way at the same moment.
 */
const createJobSql = `
WITH datasets_found AS (
  SELECT count(*) AS n FROM (
    SELECT 1 FROM datasets WHERE project_id = $2 AND id = ANY($3::text[]) FOR KEY SHARE
  ) locked
), unfinished AS (
  SELECT count(*) AS n FROM (
    SELECT 1 FROM jobs WHERE project_id = $2 AND status IN ('queued', 'running', 'paused') LIMIT $4
  ) counted
), job AS (
  INSERT INTO jobs (
    id, project_id, dataset_id, validation_dataset_id, name, labels, priority, max_attempts, spec,
    spec_sha256, plan, plan_bytes, numerics_version, progress, event_seq, transitions
  )
  SELECT $1, $2, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1,
    jsonb_build_array(jsonb_build_object('status', 'queued', 'at', ${utcNow}))
  FROM datasets_found, unfinished
  WHERE datasets_found.n = cardinality($3::text[]) AND unfinished.n < $4
  RETURNING id, created_at, transitions
), first_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, 1, 'status', '{"status":"queued","reason":null,"attempt":0}' FROM job
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job
)
SELECT
  (SELECT created_at FROM job) AS created_at,
  (SELECT transitions FROM job) AS transitions,
  (SELECT count(*) FROM jobs
    WHERE project_id = $2 AND status = 'queued' AND priority >= $9)::int AS ahead,
  (SELECT n FROM datasets_found)::int AS datasets,
  (SELECT n FROM unfinished)::int AS unfinished`

interface Outcome {
  /** null when no row was written. */
  readonly created_at: Date | null
  readonly transitions: JobRow['transitions']
  readonly ahead: number
  readonly datasets: number
  readonly unfinished: number
}

export interface CreatedJob {
  readonly row: JobRow
  /** Among the queued jobs of the project, from 1. */
  readonly queuePosition: number
}

/**
 * Errors: `dataset_not_found` when a dataset has gone meanwhile, `too_many_jobs` at the limit.
 */
export async function createJob(
  db: Queryable,
  projectId: string,
  job: NewJob,
  maxUnfinishedJobs: number,
): Promise<CreatedJob> {
  const { spec, plan } = job
  const validationDataset = validationDatasetOf(spec)
  const datasets = [...new Set([spec.dataset, ...(validationDataset ? [validationDataset] : [])])]
  const values = [
    job.id,
    projectId,
    datasets,
    maxUnfinishedJobs,
    spec.dataset,
    validationDataset,
    job.name,
    JSON.stringify(job.labels),
    job.priority,
    job.maxAttempts,
    JSON.stringify(spec),
    job.specSha256,
    JSON.stringify(plan),
    plan.bytes.total,
    job.numericsVersion,
    JSON.stringify(progressAtStart(job)),
  ]
  const { rows } = await db.query<Outcome>({ name: 'create-job', text: createJobSql, values })
  const [outcome] = rows
  if (!outcome?.created_at) throw refusal(outcome, datasets.length, maxUnfinishedJobs)
  const { created_at: createdAt, transitions } = outcome
  return {
    row: newJobRow(projectId, job, { createdAt, transitions }),
    queuePosition: outcome.ahead + 1,
  }
}

function refusal(
  outcome: Outcome | undefined,
  datasets: number,
  maxUnfinishedJobs: number,
): AppError {
  if (outcome && outcome.datasets < datasets) {
    const detail = 'A dataset of this spec was deleted.'
    return new AppError('dataset_not_found', detail, {
      errors: [{ pointer: '/dataset', code: 'dataset_not_found', detail }],
    })
  }
  return new AppError(
    'too_many_jobs',
    `This project has ${outcome?.unfinished ?? 'too many'} unfinished jobs; the limit is ${maxUnfinishedJobs}.`,
    { retryAfterSeconds: 5 },
  )
}

function progressAtStart({ plan }: NewJob): Progress {
  return {
    step: 0,
    steps: plan.steps,
    epoch: 0,
    epochs: epochsOf(plan),
    eta_seconds: null,
  }
}

/** The row as it was written, without asking for it again. */
function newJobRow(
  projectId: string,
  job: NewJob,
  { createdAt, transitions }: Pick<JobRow, 'createdAt' | 'transitions'>,
): JobRow {
  return {
    id: job.id,
    projectId,
    name: job.name,
    labels: job.labels,
    priority: job.priority,
    maxAttempts: job.maxAttempts,
    status: 'queued',
    intent: 'none',
    statusReason: null,
    datasetId: job.spec.dataset,
    validationDatasetId: validationDatasetOf(job.spec),
    spec: toJsonValue(job.spec),
    specSha256: job.specSha256,
    plan: toJsonValue(job.plan),
    planBytes: BigInt(job.plan.bytes.total),
    numericsVersion: job.numericsVersion,
    attempt: 0,
    crashes: 0,
    fence: 0,
    owner: null,
    leaseExpiresAt: null,
    eventSeq: 1,
    progress: progressAtStart(job),
    metrics: {},
    evaluation: null,
    transitions,
    createdAt,
    startedAt: null,
    endedAt: null,
    weights: null,
  }
}

function validationDatasetOf({ training: { validation } }: Spec): string | null {
  return validation && 'dataset' in validation ? validation.dataset : null
}
