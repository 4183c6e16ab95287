/** @file Predictions: raw rows in, as they stood in the dataset; labels or quantities out. */
import { z } from 'zod'

import { Cell, isCell } from './datasets.ts'
import { rowsOf } from './rows.ts'

/** More than one body can hold. */
const maxPixels = 4_000_000

const Pixels = z
  .array(z.number().min(0).max(255))
  .min(1)
  .max(maxPixels)
  .meta({ description: 'Of one image: channel by channel, row by row, each from 0 to 255.' })

/** Columns with their cells; or {"text": …}; or {"pixels": [ … ]}. */
export const PredictRow = z.record(z.string(), z.union([Cell, Pixels]))
export type PredictRow = z.infer<typeof PredictRow>

function isCellOrPixels(value: unknown): boolean {
  if (!Array.isArray(value)) return isCell(value)
  return value.length > 0 && value.every((pixel: unknown) => isPixel(pixel))
}

function isPixel(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 255
}

export const PredictRequest = z
  .strictObject({
    rows: rowsOf(PredictRow, isCellOrPixels, 10_000),
  })
  .meta({ id: 'PredictRequest' })
export type PredictRequest = z.infer<typeof PredictRequest>

export const Prediction = z.union([
  z.strictObject({
    label: z.string(),
    probability: z.number(),
    probabilities: z.record(z.string(), z.number()).meta({
      description: 'By label; of characters, the likeliest 20.',
    }),
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
