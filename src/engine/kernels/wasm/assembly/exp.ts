/**
 * @file exp, sigmoid and tanh of four lanes, to 1e-7 relative; and the logarithm of one double.
 *
 * exp(x) = 2^n * exp(r) with |r| <= ln(2) / 2, by the polynomial of Cephes' expf. tanh near zero is
 * the odd polynomial of Cephes' tanhf, since 1 - 2 / (exp(2x) + 1) cancels there. NaN stays NaN.
 *
 * Reference: Stephen Moshier, Cephes Mathematical Library, single precision.
 */
import { addProduct, splat } from './lanes.ts'

/** Constants lie in memory: inside a loop a constant vector is slower than a load. */
const constants = memory.data<f32>(
  [
    88.0, 88.0, 88.0, 88.0, -87.33654, -87.33654, -87.33654, -87.33654, 1.44269504088896341,
    1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 12582912.0, 12582912.0,
    12582912.0, 12582912.0, -0.693359375, -0.693359375, -0.693359375, -0.693359375, 2.12194440e-4,
    2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4,
    1.9875691500e-4, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
    8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 4.1665795894e-2,
    4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 1.6666665459e-1, 1.6666665459e-1,
    1.6666665459e-1, 1.6666665459e-1, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0,
  ],
  16,
)

const HIGHEST = 0
const LOWEST = 16
const LOG2_E = 32
/** 1.5 * 2^23: adding and subtracting it rounds to a whole number, which its low bits then hold. */
const ROUNDER = 48
const MINUS_LN2_HIGH = 64
const MINUS_LN2_LOW = 80
const P0 = 96
const P1 = 112
const P2 = 128
const P3 = 144
const P4 = 160
const P5 = 176
const ONE = 192

/** 0 below -87.3, where the result would be no normal number; at most exp(88). */
@inline
export function expOf(x: v128): v128 {
  const lowest = v128.load(constants, LOWEST)
  const inside = f32x4.pmax(f32x4.pmin(x, v128.load(constants, HIGHEST)), lowest)
  const rounder = v128.load(constants, ROUNDER)
  const shifted = addProduct(rounder, inside, v128.load(constants, LOG2_E))
  const n = f32x4.sub(shifted, rounder)
  const high = addProduct(inside, n, v128.load(constants, MINUS_LN2_HIGH))
  const r = addProduct(high, n, v128.load(constants, MINUS_LN2_LOW))
  let p = addProduct(v128.load(constants, P1), v128.load(constants, P0), r)
  p = addProduct(v128.load(constants, P2), p, r)
  p = addProduct(v128.load(constants, P3), p, r)
  p = addProduct(v128.load(constants, P4), p, r)
  p = addProduct(v128.load(constants, P5), p, r)
  p = f32x4.add(addProduct(r, p, f32x4.mul(r, r)), v128.load(constants, ONE))
  // n is added to the exponent.
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23))
  return v128.andnot(scaled, f32x4.lt(x, lowest))
}

@inline
export function sigmoidOf(x: v128): v128 {
  const one = v128.load(constants, ONE)
  return f32x4.div(one, f32x4.add(one, expOf(f32x4.neg(x))))
}

@inline
export function tanhOf(x: v128): v128 {
  const one = splat(1)
  const far = f32x4.sub(one, f32x4.div(splat(2), f32x4.add(one, expOf(f32x4.add(x, x)))))
  const x2 = f32x4.mul(x, x)
  let p = addProduct(splat(2.06390887954e-2), splat(-5.70498872745e-3), x2)
  p = addProduct(splat(-5.37397155531e-2), p, x2)
  p = addProduct(splat(1.33314422036e-1), p, x2)
  p = addProduct(splat(-3.33332819422e-1), p, x2)
  const near = addProduct(x, f32x4.mul(p, x2), x)
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), splat(0.625)))
}

const LN2_HIGH: f64 = 0.6931471803691238
const LN2_LOW: f64 = 1.9082149292705877e-10
const SQRT_HALF: f64 = 0.7071067811865476

/** log x for a normal positive double, by the series of ../../../numerics/log.ts; NaN stays NaN. */
export function logOf(x: f64): f64 {
  if (!(x > 0) || x == Infinity) return x == 0 ? -Infinity : x < 0 ? NaN : x
  const bits = reinterpret<u64>(x)
  let e = <f64>(<i32>(bits >> 52) - 1022)
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3fe0000000000000)
  if (m < SQRT_HALF) {
    m *= 2
    e -= 1
  }
  const s: f64 = (m - 1) / (m + 1)
  const s2: f64 = s * s
  let series: f64 = 1.0 / 19.0
  series = 1.0 / 17.0 + s2 * series
  series = 1.0 / 15.0 + s2 * series
  series = 1.0 / 13.0 + s2 * series
  series = 1.0 / 11.0 + s2 * series
  series = 1.0 / 9.0 + s2 * series
  series = 1.0 / 7.0 + s2 * series
  series = 1.0 / 5.0 + s2 * series
  series = s2 * (1.0 / 3.0 + s2 * series)
  return e * LN2_HIGH + (2 * s + (2 * s * series + e * LN2_LOW))
}
