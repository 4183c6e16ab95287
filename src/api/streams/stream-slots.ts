/**
 * @file So many event streams at once for each project, counted in this process: each holds a
 * connection and some memory for as long as it likes.
 */
import { AppError } from '../../contract/errors.ts'

export interface StreamSlots {
  /** Returns the release. Errors: `too_many_streams`. */
  take(projectId: string, max: number): () => void
  /** How many a project has open. */
  open(projectId: string): number
}

/** A stream that nobody reads is let go within it. */
const retryAfterSeconds = 30

export function createStreamSlots(): StreamSlots {
  const openByProject = new Map<string, number>()
  const open = (projectId: string) => openByProject.get(projectId) ?? 0

  function add(projectId: string, change: 1 | -1): void {
    const count = open(projectId) + change
    if (count === 0) openByProject.delete(projectId)
    else openByProject.set(projectId, count)
  }

  return {
    open,
    take(projectId, max) {
      const count = open(projectId)
      if (count >= max) {
        throw new AppError(
          'too_many_streams',
          `This project has ${count} event streams open, and may have ${max} at once: ` +
            'close some, or read the events as pages of JSON.',
          { retryAfterSeconds },
        )
      }
      add(projectId, 1)
      return () => add(projectId, -1)
    },
  }
}
