/**
 * @file Whether an owner, mostly a project, may keep something more, by a count of rows.
 *
 * Such a count takes milliseconds where there are many rows, so it is remembered for some time and what
 * was admitted since is added. While one request counts anew, others that fit go on with the old count.
 * Nobody is refused on memory, but who was refused a moment ago: what was deleted meanwhile counts.
 */
import type { AppError } from '../contract/errors.ts'

/** `Source` is what the rows are counted by, where that differs from one request to the next. */
export interface Quota<Source = void> {
  /** Errors: the refusal, and what counting threw. */
  reserve(owner: string, amount: number, limit: number, source: Source): Promise<void>
}

export interface QuotaOptions<Source> {
  readonly count: (owner: string, source: Source) => Promise<number>
  readonly rememberedMs: number
  readonly refusal: (limit: number, used: number, amount: number) => AppError
}

/**
 * Whoever asks again and again is answered from memory in between: of many rows for longer, so that who is
 * refused does not keep Postgres counting.
 */
const refusedMs = ({ tookMs }: Count) => Math.max(250, 10 * tookMs)
const maxRemembered = 10_000

interface Count {
  used: number
  readonly countedAtMs: number
  readonly tookMs: number
  /** Somebody was refused on this count. */
  hasRefused: boolean
}

export function createQuota<Source = void>({
  count: countUsed,
  rememberedMs,
  refusal,
}: QuotaOptions<Source>): Quota<Source> {
  const counts = new Map<string, Count>()
  const underWay = new Map<string, Promise<Count>>()

  async function count(owner: string, source: Source): Promise<Count> {
    const old = counts.get(owner)
    const usedBefore = old?.used ?? 0
    const beganAtMs = performance.now()
    const counted = await countUsed(owner, source)
    const countedAtMs = performance.now()
    // Who went on with the old count may not have been counted.
    const used = counted + (old ? old.used - usedBefore : 0)
    const known = { used, countedAtMs, tookMs: countedAtMs - beganAtMs, hasRefused: false }
    if (counts.size >= maxRemembered) counts.clear()
    counts.set(owner, known)
    return known
  }

  /** One at a time: requests that need one at the same moment share it, or each would be admitted alone. */
  async function recount(owner: string, source: Source): Promise<Count> {
    for (let others = underWay.get(owner); others; others = underWay.get(owner)) {
      // What fails is the other request's: perhaps its client has left.
      const counted = await others.catch(() => null)
      if (counted) return counted
    }
    const counting = count(owner, source).finally(() => underWay.delete(owner))
    underWay.set(owner, counting)
    return counting
  }

  return {
    async reserve(owner, amount, limit, source) {
      const remembered = counts.get(owner)
      const fits = ({ used }: Count) => used + amount <= limit
      const isFresh = (known: Count) => {
        const ageMs = performance.now() - known.countedAtMs
        if (fits(known)) return ageMs <= rememberedMs || underWay.has(owner)
        return known.hasRefused && ageMs <= refusedMs(known)
      }
      const known = remembered && isFresh(remembered) ? remembered : await recount(owner, source)
      if (!fits(known)) {
        known.hasRefused = true
        throw refusal(limit, known.used, amount)
      }
      known.used += amount
    },
  }
}
