/**
 * @file So many uploads at once: each holds a connection to the database until its client is done, and
 * a client may be slow for an hour. So one project has half of them at most, and of those who wait the
 * one goes on whose project has the fewest.
 */
import { AppError } from '../../contract/errors.ts'

export interface UploadSlots {
  /**
   * Returns the release. Errors, when none came free in a while: `too_many_uploads` where the project
   * has its share, else `unavailable`.
   */
  acquire(projectId: string): Promise<() => void>
}

interface Waiting {
  readonly projectId: string
  readonly proceed: () => void
}

/** An upload that starts while others run waits this long: most take less than a second. */
const patienceMs = 5_000

const retryAfterSeconds = 5

export function createUploadSlots(maxConcurrent: number): UploadSlots {
  const share = Math.max(1, Math.floor(maxConcurrent / 2))
  let free = maxConcurrent
  /** Under way, of each project that has any. */
  const running = new Map<string, number>()
  const waiting = new Set<Waiting>()
  const count = (projectId: string) => running.get(projectId) ?? 0
  const mayGoOn = (projectId: string) => free > 0 && count(projectId) < share

  function add(projectId: string, change: 1 | -1): void {
    free -= change
    const after = count(projectId) + change
    if (after === 0) running.delete(projectId)
    else running.set(projectId, after)
  }

  function take(projectId: string): () => void {
    add(projectId, 1)
    return () => {
      add(projectId, -1)
      next()?.proceed()
    }
  }

  /** On a tie, who has waited longer. */
  function next(): Waiting | undefined {
    const able = [...waiting].filter(({ projectId }) => mayGoOn(projectId))
    const fewest = Math.min(...able.map(({ projectId }) => count(projectId)))
    return able.find(({ projectId }) => count(projectId) === fewest)
  }

  function refusal(projectId: string): AppError {
    const own = count(projectId)
    if (own < share) {
      const detail = `${maxConcurrent} uploads are under way, as many as may be at once.`
      return new AppError('unavailable', detail, { retryAfterSeconds })
    }
    const detail = `Uploads of this project under way: ${own}. It may have ${share} at once of the ${maxConcurrent} (MAX_UPLOADS) in this process.`
    return new AppError('too_many_uploads', detail, { retryAfterSeconds })
  }

  return {
    acquire(projectId) {
      if (mayGoOn(projectId)) return Promise.resolve(take(projectId))
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(self)
          reject(refusal(projectId))
        }, patienceMs)
        const self: Waiting = {
          projectId,
          proceed() {
            waiting.delete(self)
            clearTimeout(timer)
            resolve(take(projectId))
          },
        }
        waiting.add(self)
      })
    },
  }
}
