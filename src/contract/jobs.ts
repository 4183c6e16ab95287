/**
 * @file Jobs: one request to train, its state, its result.
 *
 *              claim                      done
 *   queued ───────────────▶ running ───────────────▶ succeeded | failed | cancelled
 *    ▲ ▲ │                     │ │
 *    │ │ └─ cancel ▶ cancelled │ │ crash, expired lease, worker shut down
 *    │ └─────────────────────────┘
 *    │ resume     pause        │ pause
 *    └──────── paused ◀────────┘           stop ▶ succeeded, from its checkpoint; cancel ▶ cancelled
 *
 * Beside the status stands the intent: what a client asked of a running job. It is kept on the row,
 * so that a lost worker does not lose it. Terminal states never change.
 */
import { z } from 'zod'

import { LabelFilter, Labels, Name, page, pageQuery, Time } from './common.ts'
import { DatasetId, JobId, RunId } from './ids.ts'
import { Plan } from './plans.ts'
import { Spec } from './spec/spec.ts'

export const JobStatus = z.enum(['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'])
export type JobStatus = z.infer<typeof JobStatus>

export const terminalStatuses = ['succeeded', 'failed', 'cancelled'] as const satisfies JobStatus[]

export function isTerminal(status: JobStatus): boolean {
  return terminalStatuses.some((terminal) => terminal === status)
}

export const Intent = z.enum(['none', 'pause', 'stop', 'cancel'])
export type Intent = z.infer<typeof Intent>

/** Why a job is in its status, where that says more than the status itself. Stable codes. */
export const StatusReasonCode = z.enum([
  'stopped_early',
  'early_stopping',
  'project_limit',
  'no_worker_fits',
  'time_limit_exceeded',
  'cancelled_by_client',
  'paused_by_client',
  'loss_not_finite',
  'invalid_data',
  'out_of_memory',
  'crashed_repeatedly',
  'worker_lost',
  'worker_shut_down',
  'worker_full',
  'database_unavailable',
  'thread_crashed',
])
export type StatusReasonCode = z.infer<typeof StatusReasonCode>

export const StatusReason = z.strictObject({ code: StatusReasonCode, message: z.string() })
export type StatusReason = z.infer<typeof StatusReason>

export const Progress = z.strictObject({
  step: z.number().int(),
  steps: z.number().int(),
  epoch: z.number().int().meta({ description: 'Epochs completed.' }),
  epochs: z.number().int(),
  eta_seconds: z.number().nullable(),
})
export type Progress = z.infer<typeof Progress>

/** Of one class: the share found among those named so, among those that are so, and their mean. */
const ClassScores = z.strictObject({
  label: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.number().int(),
})

export const ClassificationReport = z.strictObject({
  task: z.literal('classification'),
  rows: z.number().int(),
  loss: z.number().nullable(),
  accuracy: z.number(),
  classes: z.array(ClassScores),
  confusion_matrix: z.array(z.array(z.number().int())).meta({
    description: 'Rows: what it is; columns: what was predicted; in the order of classes.',
  }),
})

export const RegressionReport = z.strictObject({
  task: z.literal('regression'),
  rows: z.number().int(),
  loss: z.number().nullable(),
  mean_absolute_error: z.number(),
  root_mean_squared_error: z.number(),
  r2: z.number().nullable().meta({ description: 'null when the target is constant.' }),
})

/** Of a text: how well each token was foretold from those before it. */
export const LanguageReport = z.strictObject({
  task: z.literal('language_modeling'),
  rows: z.number().int().meta({ description: 'Windows of the text.' }),
  tokens: z.number().int().meta({ description: 'Foretold in them.' }),
  loss: z.number().nullable(),
  perplexity: z.number().nullable().meta({ description: 'e to the power of the loss.' }),
  accuracy: z.number(),
})

export const EvaluationReport = z.discriminatedUnion('task', [
  ClassificationReport,
  RegressionReport,
  LanguageReport,
])
export type EvaluationReport = z.infer<typeof EvaluationReport>
export type ClassificationReport = z.infer<typeof ClassificationReport>
export type RegressionReport = z.infer<typeof RegressionReport>
export type LanguageReport = z.infer<typeof LanguageReport>

export const Evaluation = z
  .strictObject({ training: EvaluationReport, validation: EvaluationReport.nullable() })
  .meta({
    id: 'Evaluation',
    description:
      'Of the final weights: on all rows, but of a text on at most 128 windows of the training part, evenly spread.',
  })
export type Evaluation = z.infer<typeof Evaluation>

/** Latest values by name (`loss`, `validation_loss`, `accuracy`, …); JSON has no NaN, so null. */
export const Metrics = z.record(z.string(), z.number().nullable())
export type Metrics = z.infer<typeof Metrics>

export const Transition = z.strictObject({ status: JobStatus, at: Time })
export type Transition = z.infer<typeof Transition>

/** A client may pause and resume a job as often as it likes, and every answer carries them. */
export const maxTransitions = 100

export const Job = z
  .strictObject({
    id: JobId,
    object: z.literal('job'),
    name: z.string().nullable(),
    labels: Labels,
    priority: z.number().int(),
    max_attempts: z.number().int(),
    status: JobStatus,
    status_reason: StatusReason.nullable(),
    intent: Intent,
    dataset: DatasetId,
    spec: Spec,
    spec_sha256: z.string(),
    plan: Plan,
    numerics_version: z.number().int(),
    attempt: z.number().int().meta({ description: 'Runs so far.' }),
    queue_position: z.number().int().nullable().meta({
      description:
        'Among the queued jobs of the project, from 1; null unless queued. Projects take turns.',
    }),
    progress: Progress,
    metrics: Metrics,
    evaluation: Evaluation.nullable().meta({
      description: 'null unless a worker has ended the job with weights.',
    }),
    weights: z
      .strictObject({ bytes: z.number().int(), sha256: z.string() })
      .nullable()
      .meta({ description: 'null until the job has succeeded.' }),
    transitions: z.array(Transition).meta({
      description: `The last ${maxTransitions}, in order; the status events of the job are all of them.`,
    }),
    checkpoints_collected_at: Time.nullable().meta({
      description: 'When the retention policy removed checkpoints of it; null: it has not.',
    }),
    history_collected_at: Time.nullable().meta({
      description: 'When it removed the losses and the events, but the last; null: it has not.',
    }),
    created_at: Time,
    started_at: Time.nullable(),
    ended_at: Time.nullable(),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof Job>

export const JobQuery = z.strictObject({
  ...pageQuery(JobId),
  status: JobStatus.optional(),
  dataset: DatasetId.optional(),
  name: Name.optional(),
  label: LabelFilter.optional(),
})

/** A job in a list: without spec, plan and evaluation, which can be long. */
export const JobSummary = Job.omit({
  spec: true,
  plan: true,
  evaluation: true,
  queue_position: true,
}).meta({
  id: 'JobSummary',
})
export type JobSummary = z.infer<typeof JobSummary>
export const JobPage = page(JobSummary).meta({ id: 'JobPage' })

export const RunStatus = z.enum([
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'lost',
  'released',
  'paused',
  'crashed',
])
export type RunStatus = z.infer<typeof RunStatus>

export const Run = z
  .strictObject({
    id: RunId,
    object: z.literal('run'),
    job: JobId,
    attempt: z.number().int(),
    worker: z.string(),
    status: RunStatus.meta({
      description:
        'lost: its lease expired. released: its worker shut down and gave the job back. crashed: its thread died.',
    }),
    reason: StatusReason.nullable(),
    started_at: Time,
    ended_at: Time.nullable(),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const RunPage = page(Run).meta({ id: 'RunPage' })
export const RunQuery = z.strictObject(pageQuery(RunId))
