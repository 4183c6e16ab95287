/** @file Our functions against the built-in ones, which are good to a bit or two on every machine. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { erfc } from '../../../src/engine/numerics/erfc.ts'
import { exp } from '../../../src/engine/numerics/exp.ts'
import { integerPower } from '../../../src/engine/numerics/integer-power.ts'
import { log } from '../../../src/engine/numerics/log.ts'
import { log1p } from '../../../src/engine/numerics/log1p.ts'
import { sigmoid } from '../../../src/engine/numerics/sigmoid.ts'
import { cosine, sine } from '../../../src/engine/numerics/sine-cosine.ts'
import { tanh } from '../../../src/engine/numerics/tanh.ts'
import { evenly } from '../../support/arbitraries.ts'

type RealFunction = (x: number) => number

/** Name, ours, the built-in one, the range tried, and the relative error allowed. */
const cases: [string, RealFunction, RealFunction, number, number, number][] = [
  ['exp', exp, Math.exp, -708, 709.7, 1e-15],
  ['exp near zero', exp, Math.exp, -0.4, 0.4, 1e-15],
  ['log', log, Math.log, 1e-300, 1e300, 1e-15],
  ['log near one', log, Math.log, 0.5, 2, 1e-15],
  ['log1p', log1p, Math.log1p, 0, 1, 2e-15],
  ['log1p near zero', log1p, Math.log1p, 1e-20, 1e-6, 2e-15],
  ['tanh', tanh, Math.tanh, -20, 20, 3e-15],
  ['tanh near zero', tanh, Math.tanh, -0.6, 0.6, 3e-15],
]

describe('accuracy', () => {
  test.each(cases)('%s is as exact as the built-in one', (_name, ours, builtIn, min, max, bar) => {
    fc.assert(
      fc.property(fc.oneof(evenly(min, max), fc.double({ min, max, noNaN: true })), (x) => {
        const expected = builtIn(x)
        expect(Math.abs(ours(x) - expected)).toBeLessThanOrEqual(bar * Math.abs(expected))
      }),
      { numRuns: 500 },
    )
  })

  test('sine and cosine are exact to 1e-15 of one, also far from zero', () => {
    fc.assert(
      fc.property(fc.oneof(evenly(-10, 10), evenly(-1e5, 1e5)), (x) => {
        expect(Math.abs(sine(x) - Math.sin(x))).toBeLessThan(1e-15)
        expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThan(1e-15)
      }),
    )
  })

  // From mpmath, with 20 digits.
  test.each([
    [-3, 1.9999779095030015],
    [-0.5, 1.5204998778130465],
    [0.1, 0.887537083981715],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [3, 2.209049699858544e-5],
    [9, 4.13703174651381e-37],
    [26, 5.663192408856142e-296],
  ])('erfc(%d) keeps its digits, in the far tail too', (x, expected) => {
    expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-12)
  })
})

describe('limits', () => {
  test('exp overflows to infinity and underflows to zero, by way of subnormals', () => {
    expect([exp(710), exp(Infinity), exp(-746), exp(-Infinity)]).toEqual([Infinity, Infinity, 0, 0])
    expect(exp(-745)).toBe(5e-324)
    expect(exp(-740) / Math.exp(-740)).toBeCloseTo(1, 2) // a subnormal has few digits
    expect(exp(709.78)).toBeGreaterThan(1.79e308)
    expect([exp(0), exp(-0)]).toEqual([1, 1])
  })

  test('log of zero, infinity and subnormals', () => {
    expect([log(0), log(Infinity), log(1)]).toEqual([-Infinity, Infinity, 0])
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12)
    expect(log(-1)).toBeNaN()
  })

  test('tanh and sigmoid saturate, and keep the sign of zero', () => {
    expect([tanh(1000), tanh(-1000), sigmoid(1000), sigmoid(-1000)]).toEqual([1, -1, 1, 0])
    expect(tanh(-0)).toBe(-0)
    expect(sigmoid(0)).toBe(0.5)
  })

  test('NaN stays NaN', () => {
    for (const f of [exp, log, log1p, tanh, sigmoid, erfc, sine, cosine]) {
      expect(f(NaN), f.name).toBeNaN()
    }
  })
})

test('integerPower multiplies', () => {
  expect([integerPower(3, 0), integerPower(3, 1), integerPower(3, 5)]).toEqual([1, 3, 243])
  expect(integerPower(0.5, 10)).toBe(1 / 1024)
})
