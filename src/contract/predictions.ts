/** @file Predictions: raw rows in, as they stood in the dataset; labels or quantities out. */
import { z } from 'zod'

import { rows } from './datasets.ts'

export const PredictRequest = z.strictObject({ rows: rows(10_000) }).meta({ id: 'PredictRequest' })
export type PredictRequest = z.infer<typeof PredictRequest>

export const Prediction = z.union([
  z.strictObject({
    label: z.string(),
    probability: z.number(),
    probabilities: z.record(z.string(), z.number()),
  }),
  z.strictObject({ values: z.record(z.string(), z.number().nullable()) }).meta({
    description: 'By target column.',
  }),
])
export type Prediction = z.infer<typeof Prediction>

export const PredictResponse = z
  .strictObject({ object: z.literal('predictions'), data: z.array(Prediction) })
  .meta({ id: 'PredictResponse' })
export type PredictResponse = z.infer<typeof PredictResponse>
