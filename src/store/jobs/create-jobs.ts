/**
 * @file Jobs come into being: their rows, their first events, and the messages that the queue is to
 * get, in one statement. For each job all of them are there or none.
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
  /** Of the request that made it, for logs and traces. */
  readonly requestId?: string
  readonly traceparent?: string | null
}

/** What jobs of one statement have in common. */
export interface JobsOwner {
  readonly projectId: string
  readonly dataset: string
  readonly validationDataset: string | null
  /** Of the project. */
  readonly maxUnfinishedJobs: number
}

/**
 * Locking the datasets FOR KEY SHARE makes their deletion wait until the jobs are there to be seen.
 * The count of unfinished jobs is exact but for statements under way at the same moment.
 */
const createJobsSql = `
WITH datasets_found AS (
  SELECT count(*) AS n FROM (
    SELECT 1 FROM datasets WHERE project_id = $1 AND id = ANY($2::text[]) FOR KEY SHARE
  ) locked
), unfinished AS (
  SELECT count(*) AS n FROM (
    SELECT 1 FROM jobs WHERE project_id = $1 AND status IN ('queued', 'running', 'paused') LIMIT $3
  ) counted
), asked AS (
  SELECT * FROM jsonb_to_recordset($6::jsonb) AS asked (
    place int, id text, name text, labels jsonb, priority int, max_attempts int, spec jsonb,
    spec_sha256 text, plan jsonb, plan_bytes bigint, plan_seconds float8, plan_threads int,
    result_bytes bigint, numerics_version int, progress jsonb, request_id text, traceparent text
  )
), ahead AS (
  SELECT priority, (
    SELECT count(*) FROM jobs
    WHERE project_id = $1 AND status = 'queued' AND jobs.priority >= asked.priority
  ) AS n
  FROM (SELECT DISTINCT priority FROM asked) asked
), job AS (
  INSERT INTO jobs (
    id, project_id, dataset_id, validation_dataset_id, name, labels, priority, max_attempts, spec,
    spec_sha256, plan, plan_bytes, plan_seconds, plan_threads, result_bytes, numerics_version,
    progress, request_id, traceparent, event_seq, transitions
  )
  SELECT id, $1, $4, $5, name, labels, priority, max_attempts, spec,
    spec_sha256, plan, plan_bytes, plan_seconds, plan_threads, result_bytes, numerics_version,
    progress, request_id, traceparent, 1,
    jsonb_build_array(jsonb_build_object('status', 'queued', 'at', ${utcNow}))
  FROM asked, datasets_found, unfinished
  WHERE datasets_found.n = cardinality($2::text[]) AND unfinished.n + place < $3
  RETURNING id, created_at, transitions
), first_event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, 1, 'status', '{"status":"queued","reason":null,"attempt":0}' FROM job
), message AS (
  INSERT INTO outbox (job_id) SELECT id FROM job
)
SELECT asked.place, job.created_at, job.transitions,
  (ahead.n + (SELECT count(*) FROM asked other
    WHERE other.place < asked.place AND other.priority >= asked.priority))::int AS ahead,
  (SELECT n FROM datasets_found)::int AS datasets,
  (SELECT n FROM unfinished)::int AS unfinished
FROM asked JOIN ahead USING (priority) LEFT JOIN job USING (id)`

interface Outcome {
  readonly place: number
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
 * In the order of the jobs. Instead of a job there is an error, `dataset_not_found` when a dataset has
 * gone meanwhile, or `too_many_jobs` at the limit.
 */
export async function createJobs(
  db: Queryable,
  owner: JobsOwner,
  jobs: readonly NewJob[],
): Promise<(CreatedJob | AppError)[]> {
  const { projectId, dataset, validationDataset, maxUnfinishedJobs } = owner
  const datasets = [...new Set([dataset, ...(validationDataset ? [validationDataset] : [])])]
  const { rows } = await db.query<Outcome>({
    name: 'create-jobs',
    text: createJobsSql,
    values: [
      projectId,
      datasets,
      maxUnfinishedJobs,
      dataset,
      validationDataset,
      JSON.stringify(jobs.map(recordOf)),
    ],
  })
  const outcomes = new Map(rows.map((outcome) => [outcome.place, outcome]))
  return jobs.map((job, place) => {
    const outcome = outcomes.get(place)
    if (!outcome?.created_at) return refusal(outcome, datasets.length, maxUnfinishedJobs)
    const { created_at: createdAt, transitions, ahead } = outcome
    return {
      row: newJobRow(owner, job, { createdAt, transitions }),
      queuePosition: ahead + 1,
    }
  })
}

function recordOf(job: NewJob, place: number) {
  return {
    place,
    id: job.id,
    name: job.name,
    labels: job.labels,
    priority: job.priority,
    max_attempts: job.maxAttempts,
    spec: job.spec,
    spec_sha256: job.specSha256,
    plan: job.plan,
    plan_bytes: job.plan.bytes.total,
    plan_seconds: job.plan.seconds,
    plan_threads: job.plan.threads,
    result_bytes: job.plan.weights_bytes,
    numerics_version: job.numericsVersion,
    progress: progressAtStart(job),
    request_id: job.requestId ?? null,
    traceparent: job.traceparent ?? null,
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
  { projectId, dataset, validationDataset }: JobsOwner,
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
    datasetId: dataset,
    validationDatasetId: validationDataset,
    spec: toJsonValue(job.spec),
    specSha256: job.specSha256,
    plan: toJsonValue(job.plan),
    planBytes: BigInt(job.plan.bytes.total),
    planSeconds: job.plan.seconds,
    planThreads: job.plan.threads,
    resultBytes: BigInt(job.plan.weights_bytes),
    numericsVersion: job.numericsVersion,
    attempt: 0,
    crashes: 0,
    fence: 0,
    overtaken: 0,
    owner: null,
    leaseExpiresAt: null,
    requestId: job.requestId ?? null,
    traceparent: job.traceparent ?? null,
    eventSeq: 1,
    progress: progressAtStart(job),
    metrics: {},
    evaluation: null,
    transitions,
    createdAt,
    startedAt: null,
    endedAt: null,
    checkpointsCollectedAt: null,
    historyCollectedAt: null,
    weights: null,
  }
}
