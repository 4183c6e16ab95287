/**
 * @file How much a worker takes on: one job a thread, and some more while jobs are short.
 *
 * Between two jobs of a few milliseconds a thread would wait longer for the database than it
 * trains; so short jobs are claimed ahead. A long one never is: it belongs to whoever has a thread
 * for it now. A message that comes when there is no room waits here, and no claim is made for it.
 */
import type { Plan } from '../contract/plans.ts'

export interface Room {
  /** Planned memory that is left. */
  freeBytes(): number
  /** Resolves when another job may be claimed, and reserves its place. */
  enter(): Promise<void>
  /**
   * What the claim has found; null gives the place back. False: another claim of the same moment
   * took the memory, and the job must be given back. It has its place until it leaves.
   */
  occupy(plan: Plan | null): boolean
  leave(plan: Plan): void
}

/** Jobs that take less are claimed ahead: with four a thread, a worker did 1.6 times as many. */
const shortSeconds = 0.1
export const placesPerThread = 4

export function createRoom({
  threads,
  memoryBytes,
}: {
  threads: number
  memoryBytes: number
}): Room {
  let entering = 0
  let held = 0
  let long = 0
  let bytes = 0
  const waiting: (() => void)[] = []

  function hasPlace(): boolean {
    const places = entering + held
    return places < threads || (places < threads * placesPerThread && long + entering < threads)
  }

  function admit(): void {
    while (waiting.length > 0 && hasPlace()) {
      entering += 1
      waiting.shift()?.()
    }
  }

  return {
    freeBytes: () => Math.max(0, memoryBytes - bytes),

    enter() {
      const entered = new Promise<void>((resolve) => waiting.push(resolve))
      admit()
      return entered
    },

    occupy(plan) {
      entering -= 1
      if (plan) {
        held += 1
        bytes += plan.bytes.total
        if (plan.seconds > shortSeconds) long += 1
      }
      admit()
      return bytes <= memoryBytes
    },

    leave(plan) {
      held -= 1
      bytes -= plan.bytes.total
      if (plan.seconds > shortSeconds) long -= 1
      admit()
    },
  }
}
