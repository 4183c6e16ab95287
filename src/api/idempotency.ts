/**
 * @file Idempotency-Key: a POST that is sent again has one effect and gets one answer.
 *
 * The answer is stored in the transaction of the effect (store/idempotency.ts). What others must be
 * told is told after the commit, and not again on a replay.
 */
import { createHash } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '../contract/errors.ts'
import { crashPoint } from '../faults/crash-point.ts'
import type { Answer, AnswerOptions, RememberedAnswer } from '../store/idempotency.ts'
import type { KeyOwner } from '../store/idempotency-quota.ts'
import type { Store, TransactionOptions } from '../store/store.ts'
import type { Queryable } from '../store/transaction.ts'
import { callerOf } from './caller.ts'

export interface RouteAnswer extends Answer {
  readonly afterCommit?: () => void
  /** What is stored in place of the body, where `restore` can make that of it again. */
  readonly kept?: object
  /** Added to the first answer and never stored, so that a replay comes without it: a secret. */
  readonly shownOnce?: object
}

export interface IdempotentExchange extends AnswerOptions, TransactionOptions {
  readonly store: Pick<Store, 'answerOnce'>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Where the made thing can be read, less its id: becomes the Location header. */
  readonly collection?: string
  /** Of a body that was not parsed, as an upload's; asked for when it can have been read. */
  readonly bodyHash?: (transaction: Queryable) => string | Promise<string>
  /** The body of the first answer, from what was kept of it; the body as it was, unless given. */
  readonly restore?: ((kept: object) => Promise<object>) | undefined
  /** What is sent instead, once the effect is committed: a first answer and a replay alike. */
  readonly complete?: ((answer: RememberedAnswer) => Promise<Answer>) | undefined
}

/**
 * Errors: those of `work` and `restore`, `idempotency_in_flight`, `idempotency_mismatch`,
 * `too_many_idempotency_keys`.
 */
export async function answerIdempotently(
  exchange: IdempotentExchange,
  work: (transaction: Queryable) => Promise<RouteAnswer>,
): Promise<void> {
  const { store, request, reply, collection, bodyHash, restore, complete } = exchange
  const { isOneStatement, isBulk } = exchange
  const key = idempotencyKeyOf(request)
  let first: RouteAnswer | undefined
  const remembered = await store.answerOnce(
    key === null ? null : { ...ownerOf(request), key },
    async (transaction) => {
      first = await work(transaction)
      return { status: first.status, body: first.kept ?? first.body }
    },
    async (transaction) => hashOf(request, await bodyHash?.(transaction)),
    { isOneStatement, isBulk },
  )

  // On a replay the work was not done, and there is no first answer.
  if (remembered.replayed) reply.header('idempotency-replayed', 'true')
  const answer = {
    ...remembered,
    body: first?.body ?? (await restore?.(remembered.body)) ?? remembered.body,
  }
  first?.afterCommit?.()
  crashPoint('answer.rung')
  if (collection && 'id' in answer.body) reply.header('location', `${collection}/${answer.body.id}`)
  const { status, body } = (await complete?.(answer)) ?? answer
  crashPoint('answer.completed')
  await reply.code(status).send({ ...body, ...first?.shownOnce })
  crashPoint('answer.sent')
}

/** Errors: `invalid_request` for a key that is not 1 to 255 printable ASCII characters. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'expected 1 to 255 printable ASCII characters without spaces, such as a UUID'
  throw new AppError('invalid_request', `Idempotency-Key: ${detail}.`, {
    errors: [{ pointer: '/headers/idempotency-key', code: 'invalid_format', detail }],
  })
}

function ownerOf(request: FastifyRequest): KeyOwner {
  const { projectId, keyId, limits } = callerOf(request)
  return { owner: projectId ?? keyId, maxKept: limits.idempotency_keys }
}

/** Of method, path with query, and body: the body as it was understood, so spaces do not matter. */
function hashOf({ method, url, body }: FastifyRequest, bodyHash: string | undefined): string {
  return createHash('sha256')
    .update(`${method} ${url}\n`)
    .update(bodyHash ?? JSON.stringify(body ?? null))
    .digest('hex')
}
