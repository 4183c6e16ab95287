/** @file Arbitrary values for property tests of the engine. */
import fc from 'fast-check'

/**
 * Evenly spread from `min` to `max`. fast-check's own doubles are spread over the exponents, so that
 * nearly all of them are next to zero.
 */
export function evenly(min: number, max: number): fc.Arbitrary<number> {
  const steps = 2 ** 31 - 1
  return fc.integer({ min: 0, max: steps }).map((i) => min + (max - min) * (i / steps))
}

/** `length` numbers of ordinary size. */
export function floats(length: number, max = 3): fc.Arbitrary<number[]> {
  return fc.array(evenly(-max, max), { minLength: length, maxLength: length })
}

/** Like `floats`, but none nearer to zero than 0.01, where a kink would defeat finite differences. */
export function floatsAwayFromZero(length: number, max = 3): fc.Arbitrary<number[]> {
  return floats(length, max).map((values) =>
    values.map((value) => (Math.abs(value) < 0.01 ? value + 0.02 : value)),
  )
}
