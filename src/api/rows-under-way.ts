/**
 * @file Rows of requests that wait for a thread, and what answers them: so many bytes for each project,
 * counted in this process from the request until its answer is sent.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '../contract/errors.ts'
import { projectIdOf } from './caller.ts'

export interface RowsUnderWay {
  /**
   * Counts the body, and an answer of so many bytes, until that is sent; or until the function is called
   * that it returns. Errors: `too_many_rows_waiting`.
   */
  take(request: FastifyRequest, reply: FastifyReply, answerBytes?: number): () => void
}

/**
 * Eight bodies of the largest kind, or four of the longest answers. Rows take three times as much in
 * memory: 40 bodies of 3.3 MB that waited were 390 MB.
 */
const maxBytes = 32 * 1024 * 1024

/** Of a request that waits, whatever it holds: so 512 of them. */
const leastBytes = 64 * 1024

const retryAfterSeconds = 2

export function createRowsUnderWay(): RowsUnderWay {
  const bytesByProject = new Map<string, number>()
  const bytesOf = (projectId: string) => bytesByProject.get(projectId) ?? 0

  function add(projectId: string, change: number): void {
    const bytes = bytesOf(projectId) + change
    if (bytes === 0) bytesByProject.delete(projectId)
    else bytesByProject.set(projectId, bytes)
  }

  return {
    take(request, { raw }, answerBytes = 0) {
      const projectId = projectIdOf(request)
      const bytes = Math.max(leastBytes, bodyBytes(request)) + answerBytes
      const before = bytesOf(projectId)
      if (before + bytes > maxBytes) throw tooMany(before, bytes)
      let isCounted = !raw.destroyed // or its end has been
      if (isCounted) add(projectId, bytes)
      const release = () => {
        if (isCounted) add(projectId, -bytes)
        isCounted = false
      }
      raw.once('close', release)
      return release
    },
  }
}

/** As announced; what comes in chunks counts as the most that may come. */
function bodyBytes({ headers, routeOptions }: FastifyRequest): number {
  const { 'content-length': length } = headers
  return length === undefined ? (routeOptions.bodyLimit ?? 0) : Number(length)
}

function tooMany(before: number, bytes: number): AppError {
  return new AppError(
    'too_many_rows_waiting',
    `Rows that wait, and their answers, may take ${maxBytes} bytes of a project at once; those of ` +
      `this project take ${before}, and this request would take up to ${bytes} more. ` +
      'Wait for answers, or send fewer rows at once.',
    { retryAfterSeconds },
  )
}
