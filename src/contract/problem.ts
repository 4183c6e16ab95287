/** @file How an error looks on the wire: RFC 9457 problem details. */
import { z } from 'zod'

export const Problem = z
  .strictObject({
    type: z.string().meta({ description: 'Where this error is explained.' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The id of the request, as in the log.' }),
    code: z.string().meta({ description: 'Stable: safe to branch on.' }),
    hint: z.string(),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().meta({
            description:
              'RFC 6901 pointer into the body; outside it /query/…, /path/… or /headers/….',
          }),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>
