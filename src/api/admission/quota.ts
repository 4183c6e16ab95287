/**
 * @file Whether a project may keep something more, by a count of its rows.
 *
 * Such a count takes milliseconds where there are many rows, so it is remembered for some seconds and what
 * was admitted since is added. Nobody is refused on memory, but who was refused a moment ago: what was
 * deleted meanwhile counts.
 */
import { AppError } from '../../contract/errors.ts'

export interface Quota {
  /** Errors: `quota_exceeded`. */
  reserve(projectId: string, amount: number, limit: number): Promise<void>
}

export interface QuotaOptions {
  readonly count: (projectId: string) => Promise<number>
  readonly rememberedMs: number
  readonly refusal: (limit: number, used: number, amount: number) => string
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

export function createQuota({ count: countUsed, rememberedMs, refusal }: QuotaOptions): Quota {
  const counts = new Map<string, Promise<Count>>()

  function count(projectId: string): Promise<Count> {
    if (counts.size >= maxRemembered) counts.clear()
    const beganAtMs = performance.now()
    const counting = countUsed(projectId).then((used) => {
      const countedAtMs = performance.now()
      return { used, countedAtMs, tookMs: countedAtMs - beganAtMs, hasRefused: false }
    })
    counts.set(projectId, counting)
    counting.catch(() => {
      if (counts.get(projectId) === counting) counts.delete(projectId)
    })
    return counting
  }

  /** Requests that find the same count too old share the next, or each would be admitted on its own. */
  function recount(projectId: string, old: Promise<Count>): Promise<Count> {
    const newer = counts.get(projectId)
    return newer && newer !== old ? newer : count(projectId)
  }

  return {
    async reserve(projectId, amount, limit) {
      const remembered = counts.get(projectId)
      let known = await (remembered ?? count(projectId))
      const ageMs = performance.now() - known.countedAtMs
      const fits = () => known.used + amount <= limit
      const mayRefuse = known.hasRefused && ageMs <= refusedMs(known)
      const isOld = ageMs > rememberedMs || (!fits() && !mayRefuse)
      if (remembered && isOld) known = await recount(projectId, remembered)
      if (!fits()) {
        known.hasRefused = true
        throw new AppError('quota_exceeded', refusal(limit, known.used, amount))
      }
      known.used += amount
    },
  }
}
