/**
 * @file Whether a project may keep what another job will leave: weights and checkpoints count together.
 *
 * A count is made from all rows of the project, which takes milliseconds where there are many, so it is
 * remembered for some seconds and what was admitted since is added. Nobody is refused on memory, but who
 * was refused a moment ago: what was deleted meanwhile counts.
 */
import { AppError } from '../../contract/errors.ts'
import type { Store } from '../../store/store.ts'

export interface ResultQuota {
  /** Errors: `quota_exceeded`. */
  reserve(projectId: string, bytes: number, limit: number): Promise<void>
}

const rememberedMs = 5_000
/** Whoever asks again and again is answered from memory in between. */
const refusedMs = 250
const maxRemembered = 10_000

interface Count {
  bytes: number
  readonly countedAtMs: number
  /** Somebody was refused on this count. */
  hasRefused: boolean
}

export function createResultQuota(store: Pick<Store, 'countResultBytes'>): ResultQuota {
  const counts = new Map<string, Promise<Count>>()

  function count(projectId: string): Promise<Count> {
    if (counts.size >= maxRemembered) counts.clear()
    const counting = store
      .countResultBytes(projectId)
      .then((bytes) => ({ bytes, countedAtMs: performance.now(), hasRefused: false }))
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
    async reserve(projectId, bytes, limit) {
      const remembered = counts.get(projectId)
      let known = await (remembered ?? count(projectId))
      const ageMs = performance.now() - known.countedAtMs
      const fits = () => known.bytes + bytes <= limit
      const mayRefuse = known.hasRefused && ageMs <= refusedMs
      const isOld = ageMs > rememberedMs || (!fits() && !mayRefuse)
      if (remembered && isOld) known = await recount(projectId, remembered)
      if (!fits()) {
        known.hasRefused = true
        throw new AppError(
          'quota_exceeded',
          `The weights and checkpoints of this project may hold ${limit} bytes together ` +
            `(results_bytes_total); with those that its unfinished jobs will leave they hold ` +
            `${known.bytes}, and this job's weights take up to ${bytes}.`,
        )
      }
      known.bytes += bytes
    },
  }
}
