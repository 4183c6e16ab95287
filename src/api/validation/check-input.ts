/** @file Holds a part of a request to its schema. A refusal names every field that is wrong. */
import type { z } from 'zod'

import { AppError } from '../../contract/errors.ts'
import { describeIssues } from './describe-issues.ts'

/** Where a part's pointers start. Only the body is a document of its own. */
export const pointerPrefixes = {
  body: '',
  querystring: '/query',
  params: '/path',
  headers: '/headers',
} as const

export type RequestPart = keyof typeof pointerPrefixes

/** More would help nobody. */
const maxItems = 50

export type CheckedInput<T> = { readonly value: T } | { readonly error: AppError }

export function checkInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  part: RequestPart,
): CheckedInput<T> {
  const result = schema.safeParse(input)
  if (result.success) return { value: result.data }
  const checked = { schema, input, prefix: pointerPrefixes[part] }
  const errors = describeIssues(result.error.issues, checked)
  return {
    error: new AppError('invalid_request', summaryOf(errors, part), {
      errors: errors.slice(0, maxItems),
    }),
  }
}

const partNames: Record<RequestPart, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

function summaryOf(errors: readonly { pointer: string; detail: string }[], part: RequestPart) {
  const [first, ...others] = errors
  const where = first.pointer === pointerPrefixes[part] ? `The ${partNames[part]}` : first.pointer
  const more = others.length > 0 ? ` (and ${others.length} more, see "errors")` : ''
  const sentence = `${where}: ${first.detail}${more}`
  return sentence.endsWith('?') ? sentence : `${sentence}.`
}
