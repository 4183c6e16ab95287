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
  /** How many jobs have left until now. */
  readonly departures: number
  /** Resolves when more than so many have left; false at once when nobody is here who could. */
  departureAfter(departures: number): Promise<boolean>
  /** Resolves when another job may be claimed, and reserves its place. */
  enter(only?: 'any'): Promise<Place>
  /**
   * What the claim for a place has found; null gives the place back. The job has its threads until it
   * leaves.
   */
  occupy(place: Place, plan: Plan | null): Occupied
  leave(plan: Plan, threads: number): void
}

export interface Occupied {
  /** False: another claim of the same moment took the memory, and the job must be given back. */
  readonly fits: boolean
  /** What it may train on: those that are free now, at most as many as it wants. */
  readonly threads: number
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
  let departures = 0
  const waiting: Waiting[] = []
  const watching: ((hasLeft: true) => void)[] = []

  /**
   * A job that waited for more threads than are free would hold its lease without a sign of life. Its
   * bits are the same on fewer.
   */
  function threadsFor(place: Place, plan: Plan): number {
    const free = place === 'any' ? threads - held - entering.any - entering.short : 1
    return Math.max(1, Math.min(plan.threads, free))
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
    get departures() {
      return departures
    },

    async departureAfter(before) {
      if (departures > before) return true
      return held > 0 && new Promise((resolve) => watching.push(resolve))
    },

    freeBytes: () => Math.max(0, memoryBytes - bytes),

    enter(only) {
      const entered = new Promise<Place>((resolve) => waiting.push({ only, admit: resolve }))
      admit()
      return entered
    },

    occupy(place, plan) {
      entering[place] -= 1
      const granted = plan ? threadsFor(place, plan) : 0
      if (plan) {
        held += granted
        bytes += plan.bytes.total
        if (plan.seconds > shortSeconds) long += granted
      }
      admit()
      return { fits: bytes <= memoryBytes, threads: granted }
    },

    leave(plan, granted) {
      held -= granted
      bytes -= plan.bytes.total
      if (plan.seconds > shortSeconds) long -= granted
      departures += 1
      for (const resolve of watching.splice(0)) resolve(true)
      admit()
    },
  }
}
