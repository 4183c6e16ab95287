/**
 * @file What must hold of every answer, whatever was asked: no 5xx, but for a 503 that says when to
 * come back; a status that the document declares; a body that is as the document says; and nothing of
 * the service's insides.
 */
import type { Operation } from './document.ts'
import type { FuzzRequest } from './generate/request.ts'
import type { Schemas } from './schemas.ts'
import type { Answer } from './send.ts'

export interface Judge {
  /** What is wrong with the answer; null when nothing is. */
  judge(request: FuzzRequest, answer: Answer): string | null
}

const problemType = 'application/problem+json'

/** Of HTTP itself, before there is a route: nothing that an operation could declare. */
const beforeAnyRoute = [400, 404, 405, 431]

const insides = /node_modules|\n {4}at |\bprisma\b|pg_catalog|ECONNREFUSED|SQLSTATE/i

export function createJudge({ faultAt }: Schemas): Judge {
  function problemFault(answer: Answer): string | null {
    if (answer.mediaType !== problemType) return `${answer.status} as ${answer.mediaType}`
    const problem = parse(answer.text)
    if (problem === undefined) return `${answer.status} that is not JSON`
    return faultAt(['components', 'schemas', 'Problem'], problem)
  }

  function successFault(operation: Operation, answer: Answer): string | null {
    const media = operation.responses[answer.status]?.content?.[answer.mediaType]
    if (answer.text === '' || answer.isStream || answer.mediaType !== 'application/json')
      return null
    if (!media) return `${answer.status} as ${answer.mediaType}, which is not declared`
    const value = parse(answer.text)
    if (value === undefined) return `${answer.status} that is not JSON`
    const responses = ['paths', operation.path, operation.method.toLowerCase(), 'responses']
    const of = [String(answer.status), 'content', answer.mediaType, 'schema']
    return faultAt([...responses, ...of], value)
  }

  return {
    judge({ operation, method, isAddressed }, answer) {
      const { status, text, retryAfter } = answer
      if (status === 503 && retryAfter !== undefined) return problemFault(answer)
      if (status >= 500) return `${status}`
      if (status >= 400 && insides.test(text)) return `${status} that shows insides`
      if (method === 'HEAD' || status === 304) return null
      const isDeclared = status in operation.responses || isPublic(operation)
      if (isAddressed && !isDeclared && !beforeAnyRoute.includes(status)) {
        return `${status}, which is not declared`
      }
      if (status >= 400) return problemFault(answer)
      return isAddressed ? successFault(operation, answer) : null
    },
  }
}

/** The document declares nothing but successes of what needs no key. */
function isPublic({ responses }: Operation): boolean {
  return !('401' in responses)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
