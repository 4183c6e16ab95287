/** @file Whether a client wants a stream, and where it left off. */
import type { FastifyRequest } from 'fastify'

import { AppError } from '../../contract/errors.ts'

/** HEAD asks for the headers of an answer that ends. */
export function wantsStream({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').toLowerCase().includes('text/event-stream')
}

/** null for a first visit. Errors: `invalid_request` for an id that was never one of ours. */
export function lastEventIdOf({ headers }: FastifyRequest): number | null {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return null
  if (typeof id === 'string' && /^\d{1,9}$/.test(id)) return Number(id)
  const detail = 'expected the id of an event, a whole number'
  throw new AppError('invalid_request', `Last-Event-ID: ${detail}.`, {
    errors: [{ pointer: '/headers/last-event-id', code: 'invalid_format', detail }],
  })
}
