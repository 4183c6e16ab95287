/**
 * @file How many units of work fit into one slice, learned while working.
 *
 * Between two slices a thread looks at its control block, so slices stay well under 50 ms; but a
 * look after each step of a tiny network would cost more than the step. Slices change when a thread
 * looks up, never what it computes.
 */
export interface Pacer {
  /** For the next slice; 1 in the first. */
  units(): number
  /** What the last slice did, and how long it took. */
  took(units: number, milliseconds: number): void
}

/** Half of the 50 ms that a slice may take, since the next units may be slower than the last. */
const targetMs = 25

export function createPacer(): Pacer {
  let next = 1
  return {
    units: () => next,
    took(units, milliseconds) {
      // A clock that stood still says nothing; growth is bounded, or one lucky slice sets a long one.
      const fitting = milliseconds > 0 ? Math.floor((units * targetMs) / milliseconds) : next * 8
      next = Math.max(1, Math.min(fitting, next * 8))
    },
  }
}
