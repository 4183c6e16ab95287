/**
 * @file How many Idempotency-Keys are kept for an owner: each keeps an answer for a day, and no other quota
 * counts those.
 *
 * A count reads an index entry for each key: of a million 0.15 s, or 1.5 s before they are vacuumed. So it
 * is remembered for a minute and what came since is added.
 */
import { AppError } from '../contract/errors.ts'
import type { Queryable } from './transaction.ts'

export interface KeyOwner {
  /** The id of the API key's project, or of the API key itself when it has none. */
  readonly owner: string
  /** So many keys may be kept for it. */
  readonly maxKept: number
}

export interface IdempotencyQuota {
  /** Errors: `too_many_idempotency_keys`. */
  reserve(transaction: Queryable, owner: KeyOwner): Promise<void>
}

const rememberedMs = 60_000
/** Who is refused was counted so long ago at most: of many keys longer, or a flood would keep Postgres busy. */
const refusedMs = ({ tookMs }: Count) => Math.max(1_000, 10 * tookMs)
const maxRemembered = 10_000
const retryAfterSeconds = 60

interface Count {
  keys: number
  countedAtMs: number
  tookMs: number
}

export function createIdempotencyQuota(): IdempotencyQuota {
  const counts = new Map<string, Count>()

  async function recount(transaction: Queryable, owner: string, old: Count | undefined) {
    const count = old ?? { keys: 0, countedAtMs: 0, tookMs: 0 }
    const beganAtMs = performance.now()
    // Others go on with the old count meanwhile: each counting for itself would cost them all.
    if (old) old.countedAtMs = beganAtMs
    const { rows } = await transaction.query<{ keys: number }>({
      name: 'count-idempotency-keys',
      text: 'SELECT count(*)::int AS keys FROM idempotency_keys WHERE owner = $1',
      values: [owner],
    })
    count.keys = rows[0].keys
    count.countedAtMs = performance.now()
    count.tookMs = count.countedAtMs - beganAtMs
    if (!old && counts.size >= maxRemembered) counts.clear()
    if (!old) counts.set(owner, count)
    return count
  }

  return {
    async reserve(transaction, { owner, maxKept }) {
      const known = counts.get(owner)
      const ageMs = known ? performance.now() - known.countedAtMs : Number.POSITIVE_INFINITY
      const isOld = ageMs > (known && known.keys >= maxKept ? refusedMs(known) : rememberedMs)
      const count = known && !isOld ? known : await recount(transaction, owner, known)
      if (count.keys >= maxKept) {
        throw new AppError(
          'too_many_idempotency_keys',
          `${count.keys} Idempotency-Keys of the last day are kept here, and ${maxKept} may be ` +
            '(idempotency_keys).',
          { retryAfterSeconds },
        )
      }
      count.keys += 1
    },
  }
}
