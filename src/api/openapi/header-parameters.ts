/**
 * @file The headers that routes take, as OpenAPI has them. Each route names its own in its config.
 *
 * Accept is not one of them: OpenAPI passes over a parameter of that name, and has the media types of
 * the answers instead.
 */
import { maxWaitSeconds } from '../prefer-wait.ts'

const text = { type: 'string' }

const known = {
  'Idempotency-Key': {
    description:
      'The same request with the same key has one effect and one answer, for 24 hours. Of a job or dataset that was deleted meanwhile the answer is 404, and it is not made again.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  Prefer: {
    description: `\`wait=30\`: answer when the job has ended, or after 30 seconds; at most ${maxWaitSeconds}.`,
    schema: text,
  },
  'Last-Event-ID': {
    description: 'Of a stream: go on after the event with this id; goes before `after`.',
    schema: { type: 'integer', minimum: 0, maximum: 999_999_999 },
  },
  Range: {
    description: '`bytes=0-1023`: one part of the file, with 206; more than one is the whole file.',
    schema: text,
  },
  'If-Range': {
    description: 'An ETag: the part only if the file is still this one, else the whole file.',
    schema: text,
  },
  'If-None-Match': {
    description: 'ETags that the client has: 304 and no body if the file is one of them.',
    schema: text,
  },
} as const

export type HeaderName = keyof typeof known

export function headerParameter(name: HeaderName): object {
  return { name, in: 'header', required: false, ...known[name] }
}
