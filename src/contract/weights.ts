/** @file Weights as they are downloaded: the safetensors file that a job left, or the same as JSON. */
import { z } from 'zod'

import { JobId } from './ids.ts'
import { Preprocessing } from './preprocessing.ts'

export const WeightsFormat = z.enum(['safetensors', 'json'])
export type WeightsFormat = z.infer<typeof WeightsFormat>

export const WeightsQuery = z.strictObject({ format: WeightsFormat.default('safetensors') })

/** Larger files are only given out as they are: as JSON they would be four times as large. */
export const maxJsonWeightsBytes = 64 * 1024 * 1024

export const WeightsDocument = z
  .strictObject({
    object: z.literal('weights'),
    job: JobId,
    metadata: z.record(z.string(), z.string()).meta({
      description: 'Versions, task and classes, as in the header of the safetensors file.',
    }),
    preprocessing: Preprocessing,
    tensors: z.record(
      z.string(),
      z.strictObject({
        shape: z.array(z.number().int()),
        data: z.array(z.number()).meta({ description: 'float32 in row-major order.' }),
      }),
    ),
  })
  .meta({ id: 'Weights' })
export type WeightsDocument = z.infer<typeof WeightsDocument>
