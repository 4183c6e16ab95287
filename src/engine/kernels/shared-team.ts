/**
 * @file A team of real threads, over a few words of shared memory.
 *
 * A barrier spins for some microseconds, which is all that it takes while every thread has a core,
 * and then sleeps. Who sleeps looks up now and then whether the team is broken: a thread that died
 * will never come.
 */
import { EngineError } from '../errors.ts'
import type { Team } from './team.ts'

/** A cache line for each word, so that writers of one do not slow readers of another. */
const line = 16
const words = {
  arrived: 0,
  /** Rises when all have arrived. */
  generation: line,
  sleeping: 2 * line,
  /** What was said, in turns: who is slow may still read the last one. */
  said: 3 * line,
} as const

export const teamBytes = 5 * line * Int32Array.BYTES_PER_ELEMENT

const spins = 5_000
const lookUpMs = 100

export interface Membership {
  /** The same for all members: `teamBytes` zeros. */
  readonly words: SharedArrayBuffer
  readonly index: number
  readonly count: number
  /** Whether a member has died: then those who wait for it throw `team_broken`. */
  readonly isBroken: () => boolean
}

/** Called once by each of the `count` threads. */
export function joinTeam({ words: memory, index, count, isBroken }: Membership): Team {
  const shared = new Int32Array(memory)
  let agreements = 0

  function meet(): void {
    const generation = Atomics.load(shared, words.generation)
    if (Atomics.add(shared, words.arrived, 1) === count - 1) {
      Atomics.store(shared, words.arrived, 0)
      Atomics.add(shared, words.generation, 1)
      if (Atomics.load(shared, words.sleeping) > 0) Atomics.notify(shared, words.generation)
      return
    }
    for (let spin = 0; spin < spins; spin++) {
      if (Atomics.load(shared, words.generation) !== generation) return
    }
    sleepUntilNext(generation)
  }

  function sleepUntilNext(generation: number): void {
    Atomics.add(shared, words.sleeping, 1)
    while (Atomics.load(shared, words.generation) === generation) {
      if (isBroken()) {
        throw new EngineError(
          'team_broken',
          'A thread that computed this job ended before the job.',
        )
      }
      Atomics.wait(shared, words.generation, generation, lookUpMs)
    }
    Atomics.sub(shared, words.sleeping, 1)
  }

  return {
    index,
    count,
    meet,
    agree(value) {
      const word = words.said + (agreements % 2) * line
      agreements += 1
      if (index === 0) Atomics.store(shared, word, value)
      meet()
      return Atomics.load(shared, word)
    },
  }
}
