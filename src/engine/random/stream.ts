/**
 * @file Random streams: one for each seed, purpose and substream, open at every position.
 *
 * Streams of different purposes share no number, so adding a dropout layer does not change how the
 * weights start or how the rows are shuffled.
 */

import { log } from '../numerics/log.ts'
import { cosine } from '../numerics/sine-cosine.ts'
import { philox } from './philox.ts'

/** The numbers are part of every result: never renumber, only append. */
export const randomPurposes = {
  initialization: 1,
  shuffle: 2,
  dropout: 3,
  split: 4,
} as const

export type RandomPurpose = keyof typeof randomPurposes

export interface RandomStream {
  /** In [0, 1), with 53 random bits. */
  uniform(position: number): number
  /** Mean 0, variance 1. */
  normal(position: number): number
}

/** `substream` tells apart what has the same purpose: a parameter, an epoch. */
export function createRandomStream(
  seed: number,
  purpose: RandomPurpose,
  substream = 0,
): RandomStream {
  const [keyLow, keyHigh] = seedWords(seed)
  const words = new Uint32Array(4)
  const draw = (block: number) =>
    philox(
      words,
      block,
      Math.floor(block / TWO_TO_32),
      substream,
      randomPurposes[purpose],
      keyLow,
      keyHigh,
    )

  const uniform = (position: number): number => {
    draw(Math.floor(position / 2))
    const first = (position % 2) * 2
    return toUnit(words[first], words[first + 1])
  }

  const normal = (position: number): number => {
    // Box and Muller, on a block of its own: 1 - u is never zero, so the logarithm is finite.
    draw(position)
    const radius = Math.sqrt(-2 * log(1 - toUnit(words[0], words[1])))
    return radius * cosine(TWO_PI * toUnit(words[2], words[3]))
  }

  return { uniform, normal }
}

/** A seed is an integer from 0 to 2^53 - 1; as two words of 32 bits, low first. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed >>> 0, Math.floor(seed / TWO_TO_32) >>> 0]
}

const TWO_PI = 6.283185307179586
const TWO_TO_32 = 4294967296

function toUnit(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992
}
