/** @file A job row as clients see it. A column is private until it is named here. */
import type { Labels } from '../../contract/common.ts'
import type {
  Evaluation,
  Job,
  JobSummary,
  Metrics,
  Progress,
  StatusReason,
  Transition,
} from '../../contract/jobs.ts'
import { completePlan, type Plan } from '../../contract/plans.ts'
import type { Spec } from '../../contract/spec/spec.ts'
import type { JobRow, JobSummaryRow } from '../../store/jobs/read-jobs.ts'
import { fromJson } from '../../store/json.ts'

export interface Waiting {
  readonly position: number
  /** Why it does not start, where it is not only for those before it: more than why it came back. */
  readonly reason: StatusReason | null
}

/** `waiting` is null unless the job is queued. */
export function presentJob(row: JobRow, waiting: Waiting | null): Job {
  const summary = presentJobSummary(row)
  return {
    ...summary,
    status_reason: waiting?.reason ?? summary.status_reason,
    spec: fromJson<Spec>(row.spec),
    plan: completePlan(fromJson<Plan>(row.plan)),
    queue_position: waiting?.position ?? null,
    evaluation: fromJson<Evaluation | null>(row.evaluation),
  }
}

/** Of an answer that is kept: what never changes is not kept with each, so it takes some 1.2 KiB. */
export type KeptJob = Omit<Job, 'spec' | 'plan'>

export function keptOf({ spec: _spec, plan: _plan, ...kept }: Job): KeptJob {
  return kept
}

/** As the job was then. */
export function restoreJob(kept: KeptJob, row: JobRow): Job {
  const { spec, plan } = presentJob(row, null)
  return { ...kept, spec, plan }
}

export function presentJobSummary(row: JobSummaryRow): JobSummary {
  return {
    id: row.id,
    object: 'job',
    name: row.name,
    labels: fromJson<Labels>(row.labels),
    priority: row.priority,
    max_attempts: row.maxAttempts,
    status: row.status,
    status_reason: fromJson<StatusReason | null>(row.statusReason),
    intent: row.intent,
    dataset: row.datasetId,
    spec_sha256: row.specSha256,
    numerics_version: row.numericsVersion,
    attempt: row.attempt,
    progress: fromJson<Progress>(row.progress),
    metrics: fromJson<Metrics>(row.metrics),
    weights: row.weights && { bytes: Number(row.weights.bytes), sha256: row.weights.sha256 },
    transitions: fromJson<Transition[]>(row.transitions),
    checkpoints_collected_at: row.checkpointsCollectedAt?.toISOString() ?? null,
    history_collected_at: row.historyCollectedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    ended_at: row.endedAt?.toISOString() ?? null,
  }
}
