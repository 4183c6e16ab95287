/**
 * @file Which projects had no room for another job a moment ago. Whoever goes on sending is answered at
 * once, without a plan and without Postgres: so a flood that is refused costs the others next to nothing.
 */
import { AppError } from '../../contract/errors.ts'

export interface FullQueues {
  /** Errors: `too_many_jobs`, as it was remembered. */
  check(projectId: string): void
  /** Keeps an error that is `too_many_jobs`; any other is nothing of this file's. */
  remember(projectId: string, error: unknown): void
}

/** Clients are told to wait 5 seconds: nobody who does so meets what is remembered. */
const rememberedMs = 100
const maxRemembered = 10_000

export function createFullQueues(): FullQueues {
  const full = new Map<string, { readonly error: AppError; readonly untilMs: number }>()
  return {
    check(projectId) {
      const known = full.get(projectId)
      if (!known) return
      if (known.untilMs > performance.now()) throw known.error
      full.delete(projectId)
    },
    remember(projectId, error) {
      if (!(error instanceof AppError) || error.code !== 'too_many_jobs') return
      if (full.size >= maxRemembered) full.clear()
      full.set(projectId, { error, untilMs: performance.now() + rememberedMs })
    },
  }
}
