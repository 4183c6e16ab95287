/** @file Arbitrary values for property tests of the engine. */
import fc from 'fast-check'

/** `length` numbers of ordinary size. */
export function floats(length: number, max = 3): fc.Arbitrary<number[]> {
  return fc.array(fc.double({ min: -max, max, noNaN: true }), {
    minLength: length,
    maxLength: length,
  })
}

/** Like `floats`, but none nearer to zero than 0.01, where a kink would defeat finite differences. */
export function floatsAwayFromZero(length: number, max = 3): fc.Arbitrary<number[]> {
  return floats(length, max).map((values) =>
    values.map((value) => (Math.abs(value) < 0.01 ? value + 0.02 : value)),
  )
}
