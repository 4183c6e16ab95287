/**
 * @file The threads that compute one job together: each its own share of the outputs of every
 * operation, then all meet. Sums are never shared out, so their number changes no bit.
 */
export interface Team {
  /** This thread's place, from 0. The first one leads: it loads rows, and says what is done. */
  readonly index: number
  readonly count: number
  /** Returns when all threads have come here: what each wrote before, all see after. */
  meet(): void
  /** Meets, and returns what the first thread has said. */
  agree(value: number): number
}

/** A thread that works alone. */
export const solo: Team = { index: 0, count: 1, meet() {}, agree: (value) => value }

/** Where this thread's share of n outputs begins, in whole units; it ends where the next one begins. */
export function shareStart({ index, count }: Team, n: number, unit: number): number {
  return Math.min(n, Math.ceil(n / (count * unit)) * unit * index)
}

export function shareEnd({ index, count }: Team, n: number, unit: number): number {
  return Math.min(n, Math.ceil(n / (count * unit)) * unit * (index + 1))
}
