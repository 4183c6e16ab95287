/** @file Plans: what a job will cost, known before it starts and by the same code that admits it. */
import { z } from 'zod'

export const Plan = z
  .strictObject({
    object: z.literal('plan'),
    task: z.enum(['classification', 'regression', 'language_modeling']),
    inputs: z.number().int().meta({
      description: 'Numbers per row, after one-hot; of a text, tokens per window.',
    }),
    outputs: z.number().int(),
    training_rows: z.number().int(),
    validation_rows: z.number().int(),
    parameters: z.number().int(),
    bytes: z
      .strictObject({
        parameters: z.number().int(),
        gradients: z.number().int(),
        optimizer: z.number().int(),
        activations: z.number().int(),
        scratch: z.number().int(),
        data: z
          .number()
          .int()
          .meta({ description: 'Encoded rows, and the file while it is parsed.' }),
        total: z.number().int(),
      })
      .meta({ description: 'Memory of the job while it trains.' }),
    weights_bytes: z.number().int().meta({
      description:
        'Size of the safetensors file at most: what is fitted counts with all the digits that a number can have.',
    }),
    prediction_bytes: z.number().int().meta({
      description:
        'Memory of the trained network where it predicts: weights, and some rows at once.',
    }),
    prediction_flops: z
      .number()
      .meta({ description: 'Floating point operations of a prediction, for one row.' }),
    steps: z.number().int(),
    steps_per_epoch: z.number().int(),
    report_every: z.number().int(),
    points: z
      .number()
      .int()
      .meta({ description: 'Points that the job will report, of the loss and all other metrics.' }),
    threads: z.number().int().meta({ description: 'That compute it together, at most.' }),
    flops: z.number().meta({ description: 'Of the whole training and its validation.' }),
    seconds: z.number().meta({ description: 'An estimate from the speed measured at start-up.' }),
  })
  .meta({ id: 'Plan' })
export type Plan = z.infer<typeof Plan>

/** The last may be cut short, by a number of steps that is no multiple of an epoch's. */
export function epochsOf({ steps, steps_per_epoch }: Plan): number {
  return Math.ceil(steps / steps_per_epoch)
}

/** A plan that was stored before it had all of today's numbers. */
export function completePlan(stored: Partial<Plan> & Omit<Plan, AddedLater>): Plan {
  return {
    threads: 1,
    prediction_bytes: 2 * stored.weights_bytes,
    prediction_flops: 2 * stored.parameters,
    ...stored,
  }
}

type AddedLater = 'threads' | 'prediction_bytes' | 'prediction_flops'
