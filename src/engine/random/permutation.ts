/** @file A random order of n rows: the same for the same seed, purpose and substream. */
import { createRandomStream, type RandomPurpose } from './stream.ts'

export function permutation(
  seed: number,
  purpose: RandomPurpose,
  substream: number,
  length: number,
): Uint32Array {
  const order = new Uint32Array(length)
  permuteInto(order, seed, purpose, substream)
  return order
}

/** Fisher and Yates. Overwrites `order` with a permutation of 0 ... order.length - 1. */
export function permuteInto(
  order: Uint32Array,
  seed: number,
  purpose: RandomPurpose,
  substream: number,
): void {
  const stream = createRandomStream(seed, purpose, substream)
  for (let i = 0; i < order.length; i++) order[i] = i
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = Math.floor(stream.uniform(last) * (last + 1))
    const held = order[last]
    order[last] = order[chosen]
    order[chosen] = held
  }
}
