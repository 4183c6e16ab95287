/**
 * @file Checkpoints: what a run needs to go on, written while it trains. A job keeps its last two and
 * the one with the lowest loss.
 */
import { z } from 'zod'

import { CollectedAt, page, pageQuery, Time } from './common.ts'
import { CheckpointId, JobId } from './ids.ts'

export const Checkpoint = z
  .strictObject({
    id: CheckpointId,
    object: z.literal('checkpoint'),
    job: JobId,
    step: z.number().int(),
    epoch: z.number().int().meta({ description: 'Epochs completed.' }),
    metric: z.number().nullable().meta({
      description:
        'The last reported validation_loss, or loss where there is no validation; null before the first.',
    }),
    best: z.boolean().meta({ description: 'The one with the lowest metric.' }),
    weights: z.strictObject({ bytes: z.number().int(), sha256: z.string() }).meta({
      description:
        'What a stop at this step would have left: with early stopping that restores the best weights, those.',
    }),
    numerics_version: z.number().int(),
    created_at: Time,
  })
  .meta({ id: 'Checkpoint' })
export type Checkpoint = z.infer<typeof Checkpoint>

export const CheckpointPage = page(Checkpoint)
  .extend({ collected_at: CollectedAt })
  .meta({ id: 'CheckpointPage' })
export const CheckpointQuery = z.strictObject(pageQuery(CheckpointId))
