/** @file Shapes that every resource shares: time, labels, pages. */
import { z } from 'zod'

/** An RFC 3339 time in UTC, with milliseconds. */
export const Time = z.iso.datetime()

/** Beside what may have been removed, so that nothing there is not taken for nothing ever. */
export const CollectedAt = Time.nullable().meta({
  description: 'When the retention policy removed what was here; null as long as it has not.',
})

/**
 * Postgres keeps neither NUL nor a lone surrogate, in text or in jsonb, so no string may hold one.
 * The JSON parser refuses them in bodies; this guards what comes in by URL.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

const storable = (text: string) => isStorableText(text)

export const Name = z
  .string()
  .min(1)
  .max(200)
  .refine(storable, 'expected text without NUL or lone surrogates')

export const Labels = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/,
        'expected a label key like "team" or "acme/tier"',
      ),
    z.string().max(200).refine(storable, 'expected text without NUL or lone surrogates'),
  )
  .refine((labels) => Object.keys(labels).length <= 32, 'expected at most 32 labels')
  .meta({ description: 'Free key-value pairs to find things by.' })
export type Labels = z.infer<typeof Labels>

/** Query parameters of a list, newest first unless `order=asc`. `after` is the last id of the page before. */
export function pageQuery<T extends z.ZodType>(id: T) {
  return {
    limit: z.coerce.number().int().min(1).max(200).default(50),
    after: id.optional(),
    order: z.enum(['asc', 'desc']).default('desc'),
  }
}

/** `label=key:value`, repeatable: only what has all of them. */
export const LabelFilter = z
  .union([z.string(), z.array(z.string()).max(32)])
  .transform((value) => (Array.isArray(value) ? value : [value]))
  .pipe(
    z.array(
      z
        .string()
        .max(300)
        .refine(storable, 'expected text without NUL or lone surrogates')
        .regex(/^[^:]+:/, 'expected label=key:value'),
    ),
  )

export function labelsOf(filter: readonly string[] | undefined): Labels {
  return Object.fromEntries(
    (filter ?? []).map((pair) => {
      const colon = pair.indexOf(':')
      return [pair.slice(0, colon), pair.slice(colon + 1)]
    }),
  )
}

export function page<T extends z.ZodType>(item: T) {
  return z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
}
