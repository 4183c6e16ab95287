/**
 * @file How many Idempotency-Keys are kept for an owner: each keeps an answer for a day, and no other quota
 * counts those.
 */
import { AppError } from '../contract/errors.ts'
import { createQuota, type Quota } from './quota.ts'
import type { Queryable } from './transaction.ts'

export interface KeyOwner {
  /** The id of the API key's project, or of the API key itself when it has none. */
  readonly owner: string
  /** So many keys may be kept for it. */
  readonly maxKept: number
}

/** An index entry is read for each key: of a million 0.15 s, or 1.5 s before they are vacuumed. */
const rememberedMs = 60_000
const retryAfterSeconds = 60

/**
 * Counts in the transaction that keeps the key: requests that each waited for a second connection would
 * lock each other out. Errors: `too_many_idempotency_keys`.
 */
export function createIdempotencyQuota(): Quota<Queryable> {
  return createQuota({
    count: countKeys,
    rememberedMs,
    refusal: (limit, used) =>
      new AppError(
        'too_many_idempotency_keys',
        `${used} Idempotency-Keys of the last day are kept here, and ${limit} may be (idempotency_keys).`,
        { retryAfterSeconds },
      ),
  })
}

async function countKeys(owner: string, transaction: Queryable): Promise<number> {
  const { rows } = await transaction.query<{ keys: number }>({
    name: 'count-idempotency-keys',
    text: 'SELECT count(*)::int AS keys FROM idempotency_keys WHERE owner = $1',
    values: [owner],
  })
  return rows[0].keys
}
