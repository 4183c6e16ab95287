/** @file An error as clients see it: RFC 9457 problem details, completed from the catalogue. */
import { type ErrorCode, type ErrorItem, errorCatalogue } from '../../contract/errors.ts'
import type { Problem } from '../../contract/problem.ts'

export const problemType = 'application/problem+json'

export interface ProblemCause {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors?: readonly ErrorItem[] | undefined
}

/** The page of routes/docs.ts explains every code. */
export function explanationOf(code: ErrorCode): string {
  return `/docs/errors#${code}`
}

export function presentProblem({ code, detail, errors }: ProblemCause, requestId: string): Problem {
  const { title, status, hint } = errorCatalogue[code]
  return {
    type: explanationOf(code),
    title,
    status,
    detail,
    instance: requestId,
    code,
    hint,
    ...(errors && { errors: errors.map(presentItem) }),
  }
}

function presentItem({ pointer, code, detail }: ErrorItem): ErrorItem {
  return { pointer, code, detail }
}
