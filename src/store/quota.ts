/**
 * @file Whether an owner, mostly a project, may keep something more, by a count of rows.
 *
 * Such a count takes milliseconds where there are many rows, so it is remembered for some time and what
 * was admitted since is added. Nobody is refused on memory, but who was refused a moment ago: what was
 * deleted meanwhile counts.
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
  const counts = new Map<string, Promise<Count>>()

  function count(owner: string, source: Source): Promise<Count> {
    if (counts.size >= maxRemembered) counts.clear()
    const beganAtMs = performance.now()
    const counting = countUsed(owner, source).then((used) => {
      const countedAtMs = performance.now()
      return { used, countedAtMs, tookMs: countedAtMs - beganAtMs, hasRefused: false }
    })
    counts.set(owner, counting)
    counting.catch(() => {
      if (counts.get(owner) === counting) counts.delete(owner)
    })
    return counting
  }

  /** Requests that find the same count too old share the next, or each would be admitted on its own. */
  function recount(owner: string, source: Source, old: Promise<Count>): Promise<Count> {
    const newer = counts.get(owner)
    return newer && newer !== old ? newer : count(owner, source)
  }

  return {
    async reserve(owner, amount, limit, source) {
      const remembered = counts.get(owner)
      // What failed was another request's: perhaps its client had left.
      const first = remembered?.catch(() => recount(owner, source, remembered))
      let known = await (first ?? count(owner, source))
      const ageMs = performance.now() - known.countedAtMs
      const fits = () => known.used + amount <= limit
      const mayRefuse = known.hasRefused && ageMs <= refusedMs(known)
      const isOld = ageMs > rememberedMs || (!fits() && !mayRefuse)
      if (remembered && isOld) known = await recount(owner, source, remembered)
      if (!fits()) {
        known.hasRefused = true
        throw refusal(limit, known.used, amount)
      }
      known.used += amount
    },
  }
}
