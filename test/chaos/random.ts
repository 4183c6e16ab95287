/** @file Chance with a seed: the same seed gives the same choices, whatever the machine makes of them. */

export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  between(low: number, high: number): number
  pick<T>(from: readonly T[]): T
  shuffled<T>(from: readonly T[]): T[]
}

/** mulberry32 of the seed and a word, so that faults do not take each other's numbers. */
export function createRandom(seed: number, purpose: string): Random {
  let state = [...purpose].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    pick: (from) => from[Math.floor(next() * from.length)],
    shuffled(from) {
      const rest = [...from]
      return from.map(() => rest.splice(Math.floor(next() * rest.length), 1)[0])
    },
  }
}
