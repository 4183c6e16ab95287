/** @file What is not even HTTP, or does not arrive in time: answered on the bare socket, and closed. */
import type { Socket } from 'node:net'

import { newId } from '../contract/ids.ts'
import { type ProblemCause, presentProblem, problemType } from './presenters/problem.ts'

interface BrokenRequest extends Error {
  readonly code?: string
}

export function answerBrokenRequest(error: BrokenRequest, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error)
    return
  }
  const problem = presentProblem(causeOf(error), newId('request'))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.status === 408 ? 'Request Timeout' : 'Bad Request'}\r\n` +
      `Content-Type: ${problemType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  )
}

function causeOf({ code }: BrokenRequest): ProblemCause {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout', detail: 'The request did not arrive in time.' }
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'invalid_request', detail: 'Expected headers of at most 16 KiB, got more.' }
    default:
      return { code: 'invalid_request', detail: 'This is not a valid HTTP/1.1 request.' }
  }
}
