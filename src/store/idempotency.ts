/**
 * @file Idempotency keys: a request that is sent again gets the answer of the first time.
 *
 * The key commits together with the effect, so there is never one without the other. While a
 * request is worked on, an advisory lock of its transaction keeps others with the same key out; when
 * the transaction ends, in whatever way, the lock is gone. Those of the same process are told before
 * that, without a connection: clients that lose their patience come when connections are scarce.
 */

import type pg from 'pg'
import { AppError } from '../contract/errors.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { createIdempotencyQuota, type KeyOwner } from './idempotency-quota.ts'
import type { Quota } from './quota.ts'
import { inScopedTransaction, type Queryable } from './transaction.ts'

/** After this the collector forgets a key. */
export const idempotencyHours = 24

export interface IdempotencyKey extends KeyOwner {
  readonly key: string
}

export interface Answer {
  readonly status: number
  readonly body: object
}

export interface AnswerOptions {
  /** The effect of the work is one statement: without a key it needs no transaction around it. */
  readonly isOneStatement?: boolean | undefined
}

export interface RememberedAnswer extends Answer {
  readonly replayed: boolean
}

/**
 * Runs `work` in a transaction, once per key. The hash may be known only at the end, as for an
 * upload, so it is asked for after the work; or instead of it, when the key is known.
 * Errors: `idempotency_in_flight`, `idempotency_mismatch`, `too_many_idempotency_keys`.
 */
export function createAnswerOnce() {
  /** Of this process. */
  const inFlight = new Set<string>()
  const quota = createIdempotencyQuota()

  return async function answerOnce(
    pool: pg.Pool,
    key: IdempotencyKey | null,
    work: (transaction: Queryable) => Promise<Answer>,
    requestHash: (transaction: Queryable) => string | Promise<string>,
    { isOneStatement = false }: AnswerOptions = {},
  ): Promise<RememberedAnswer> {
    if (!key && isOneStatement) return { ...(await work(pool)), replayed: false }
    if (!key) return answer(pool, quota, null, work, requestHash)
    const name = `${key.owner} ${key.key}`
    if (inFlight.has(name)) throw isInFlight(key)
    inFlight.add(name)
    try {
      return await answer(pool, quota, key, work, requestHash)
    } finally {
      inFlight.delete(name)
    }
  }
}

function answer(
  pool: pg.Pool,
  quota: Quota<Queryable>,
  key: IdempotencyKey | null,
  work: (transaction: Queryable) => Promise<Answer>,
  requestHash: (transaction: Queryable) => string | Promise<string>,
): Promise<RememberedAnswer> {
  return inScopedTransaction(pool, 'answer', async (transaction) => {
    if (!key) return { ...(await work(transaction)), replayed: false }

    const earlier = await lockAndFind(transaction, key)
    if (earlier) {
      if (earlier.request_hash !== (await requestHash(transaction))) {
        throw new AppError(
          'idempotency_mismatch',
          `The Idempotency-Key "${key.key}" came first with another method, path or body.`,
        )
      }
      return { status: earlier.status, body: earlier.body, replayed: true }
    }

    await quota.reserve(key.owner, 1, key.maxKept, transaction)
    crashPoint('answer.key_counted')
    const first = await work(transaction)
    const hash = await requestHash(transaction)
    await transaction.query({
      name: 'remember-answer',
      text: `INSERT INTO idempotency_keys (owner, key, request_hash, status, body)
      VALUES ($1, $2, $3, $4, $5)`,
      values: [key.owner, key.key, hash, first.status, JSON.stringify(first.body)],
    })
    crashPoint('answer.key_written')
    return { ...first, replayed: false }
  })
}

interface StoredAnswer {
  readonly request_hash: string
  readonly status: number
  readonly body: object
}

async function lockAndFind(
  transaction: Queryable,
  { owner, key }: IdempotencyKey,
): Promise<StoredAnswer | undefined> {
  const lock = await transaction.query<{ free: boolean }>({
    name: 'lock-idempotency-key',
    text: 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free',
    values: [`${owner} ${key}`],
  })
  if (!lock.rows[0]?.free) throw isInFlight({ key })
  crashPoint('answer.key_locked')
  await transaction.query({
    name: 'forget-idempotency-key',
    text: `DELETE FROM idempotency_keys
    WHERE owner = $1 AND key = $2 AND created_at < now() - make_interval(hours => $3)`,
    values: [owner, key, idempotencyHours],
  })
  crashPoint('answer.old_key_removed')
  const { rows } = await transaction.query<StoredAnswer>({
    name: 'find-idempotency-key',
    text: 'SELECT request_hash, status, body FROM idempotency_keys WHERE owner = $1 AND key = $2',
    values: [owner, key],
  })
  crashPoint('answer.key_looked_up')
  return rows[0]
}

function isInFlight({ key }: Pick<IdempotencyKey, 'key'>): AppError {
  return new AppError(
    'idempotency_in_flight',
    `The request with the Idempotency-Key "${key}" has not been answered yet.`,
    { retryAfterSeconds: 1 },
  )
}
