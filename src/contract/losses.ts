/** @file Loss points: named values at a step. Each is written once, whatever crashes. */
import { z } from 'zod'

import { CollectedAt } from './common.ts'

/** JSON has no NaN: a value that is not finite is null, and `kind` says which it was. */
export const LossKind = z.enum(['nan', 'inf', '-inf'])

export const LossPoint = z
  .strictObject({
    name: z.string().meta({ description: 'loss, validation_loss, accuracy, …' }),
    step: z.number().int(),
    value: z.number().nullable(),
    kind: LossKind.optional(),
  })
  .meta({ id: 'LossPoint', description: 'The mean over its interval, which ends at `step`.' })
export type LossPoint = z.infer<typeof LossPoint>

/** A point inside the program, where numbers may be NaN. */
export interface RawPoint {
  readonly name: string
  readonly step: number
  readonly value: number
}

export function toLossPoint({ name, step, value }: RawPoint): LossPoint {
  if (Number.isFinite(value)) return { name, step, value }
  const kind = Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  return { name, step, value: null, kind }
}

export const LossQuery = z.strictObject({
  names: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'Comma-separated; all unless given.' }),
  from_step: z.coerce.number().int().min(0).optional(),
  to_step: z.coerce.number().int().min(0).optional(),
  max_points: z.coerce
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(1000)
    .meta({ description: 'Per name. Extremes, the first and the last point are kept.' }),
})

export const LossSeries = z
  .strictObject({
    object: z.literal('losses'),
    collected_at: CollectedAt,
    series: z.array(
      z.strictObject({
        name: z.string(),
        total_points: z.number().int(),
        points: z.array(LossPoint.omit({ name: true })),
      }),
    ),
  })
  .meta({ id: 'LossSeries' })
export type LossSeries = z.infer<typeof LossSeries>
