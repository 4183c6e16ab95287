/** @file What a download of weights may be answered with, for the document: of a job or a checkpoint. */
import { z } from 'zod'

import { WeightsDocument } from '../../contract/weights.ts'

const safetensors = { 'application/octet-stream': { schema: z.unknown() } }
const json = { 'application/json': { schema: WeightsDocument } }

export const weightsResponse = {
  200: { content: { ...safetensors, ...json } },
  206: { content: safetensors },
  304: z.undefined(),
}
