/**
 * @file Events: what happened to a job, in order, each with a number of its own.
 *
 * The number is a counter on the job's row, taken in the transaction that writes the event, so
 * numbers have no gap and no duplicate, and a stream can go on after any of them. Of a job whose history
 * the retention policy has removed, the last one alone is left.
 */
import { z } from 'zod'

import { CollectedAt, Time } from './common.ts'
import { CheckpointId } from './ids.ts'
import { JobStatus, Metrics, Progress, StatusReason } from './jobs.ts'
import { LossPoint } from './losses.ts'

export const EventType = z.enum(['status', 'loss', 'checkpoint', 'log', 'end'])
export type EventType = z.infer<typeof EventType>

export const StatusEventData = z.strictObject({
  status: JobStatus,
  reason: StatusReason.nullable(),
  attempt: z.number().int(),
})
export const LossEventData = z.strictObject({ progress: Progress, points: z.array(LossPoint) })
export const CheckpointEventData = z.strictObject({
  checkpoint: CheckpointId,
  step: z.number().int(),
  epoch: z.number().int(),
})
export const LogEventData = z.strictObject({
  level: z.enum(['info', 'warn']),
  message: z.string(),
})
export const EndEventData = z.strictObject({
  status: JobStatus,
  reason: StatusReason.nullable(),
  metrics: Metrics,
  collected_at: Time.optional().meta({
    description: 'When the retention policy removed the events before this one.',
  }),
})

const base = { seq: z.number().int(), at: Time }

export const JobEvent = z
  .discriminatedUnion('type', [
    z.strictObject({ ...base, type: z.literal('status'), data: StatusEventData }),
    z.strictObject({ ...base, type: z.literal('loss'), data: LossEventData }),
    z.strictObject({ ...base, type: z.literal('checkpoint'), data: CheckpointEventData }),
    z.strictObject({ ...base, type: z.literal('log'), data: LogEventData }),
    z.strictObject({ ...base, type: z.literal('end'), data: EndEventData }),
  ])
  .meta({ id: 'JobEvent' })
export type JobEvent = z.infer<typeof JobEvent>

export const EventQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .default(0)
    .meta({ description: 'A seq; events after it.' }),
})

export const EventPage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(JobEvent),
    has_more: z.boolean(),
    last_seq: z.number().int().nullable(),
    collected_at: CollectedAt,
  })
  .meta({ id: 'EventPage' })
