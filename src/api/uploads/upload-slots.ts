/** @file So many uploads at once: each holds a connection to the database until its client is done. */
import { AppError } from '../../contract/errors.ts'

export interface UploadSlots {
  /** Returns the release. Errors: `unavailable` when none came free in a while. */
  acquire(): Promise<() => void>
}

/** An upload that starts while others run waits this long: most take less than a second. */
const patienceMs = 5_000

export function createUploadSlots(maxConcurrent: number): UploadSlots {
  let free = maxConcurrent
  const waiting = new Set<() => void>()

  function release(): void {
    free += 1
    const [next] = waiting
    next?.()
  }

  function take(): () => void {
    free -= 1
    return release
  }

  return {
    acquire() {
      if (free > 0) return Promise.resolve(take())
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(proceed)
          const detail = `${maxConcurrent} uploads are under way, as many as may be at once.`
          reject(new AppError('unavailable', detail, { retryAfterSeconds: 5 }))
        }, patienceMs)
        function proceed() {
          waiting.delete(proceed)
          clearTimeout(timer)
          resolve(take())
        }
        waiting.add(proceed)
      })
    },
  }
}
