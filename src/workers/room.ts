/**
 * @file How much a worker takes on: one job a thread, and some more while jobs are short.
 *
 * Between two jobs of a few milliseconds a thread would wait longer for the database than it
 * trains; so short jobs are claimed ahead, several at once. A long one never is: it belongs to whoever
 * has a thread for it now. A message that comes when there is no room waits here, and no claim is made
 * for it.
 */
import type { Plan } from '../contract/plans.ts'

/** What may be claimed: any job, for a thread that is free; or a short one, ahead of its thread. */
export type Place = 'any' | 'short'

export interface Room {
  /** Planned memory that is left. */
  freeBytes(): number
  /** Resolves when another job may be claimed, and reserves its place. */
  enter(only?: 'any'): Promise<Place>
  /**
   * What the claim for a place has found; null gives the place back. False: another claim of the same
   * moment took the memory, and the job must be given back. It has its place until it leaves.
   */
  occupy(place: Place, plan: Plan | null): boolean
  leave(plan: Plan): void
}

/** Jobs that take less are claimed ahead: with four a thread, a worker did 1.6 times as many. */
export const shortSeconds = 0.1
export const placesPerThread = 4

interface Waiting {
  readonly only: 'any' | undefined
  readonly admit: (place: Place) => void
}

export function createRoom({
  threads,
  memoryBytes,
}: {
  threads: number
  memoryBytes: number
}): Room {
  const entering = { any: 0, short: 0 }
  let held = 0
  let long = 0
  let bytes = 0
  const waiting: Waiting[] = []

  /** A job that several threads compute takes as many places. */
  function placesOf(plan: Plan): number {
    return Math.min(plan.threads, threads)
  }

  function freePlace(): Place | null {
    const places = entering.any + entering.short + held
    if (places < threads) return 'any'
    // Ahead of a thread that surely has no long job, nor is about to get one.
    const isAhead = places < threads * placesPerThread && long + entering.any < threads
    return isAhead ? 'short' : null
  }

  function admit(): void {
    for (let place = freePlace(); place !== null; place = freePlace()) {
      const index = waiting.findIndex(({ only }) => only === undefined || only === place)
      if (index < 0) return
      entering[place] += 1
      const [first] = waiting.splice(index, 1)
      first.admit(place)
    }
  }

  return {
    freeBytes: () => Math.max(0, memoryBytes - bytes),

    enter(only) {
      const entered = new Promise<Place>((resolve) => waiting.push({ only, admit: resolve }))
      admit()
      return entered
    },

    occupy(place, plan) {
      entering[place] -= 1
      if (plan) {
        held += placesOf(plan)
        bytes += plan.bytes.total
        if (plan.seconds > shortSeconds) long += placesOf(plan)
      }
      admit()
      return bytes <= memoryBytes
    },

    leave(plan) {
      held -= placesOf(plan)
      bytes -= plan.bytes.total
      if (plan.seconds > shortSeconds) long -= placesOf(plan)
      admit()
    },
  }
}
