/**
 * @file The Gaussian error linear unit, exact and by tanh, four lanes at a time. In training the slope is
 * computed with the value, since both need the same exponential; the backward pass multiplies by it.
 */
import { expOf, tanhOf } from './exp.ts'
import { addProduct, bytesOf, loadPart, splat, storePart } from './lanes.ts'

/** What the coefficients of Phi are, in the order of their use. */
const constants = memory.data<f32>(
  [
    0.70710678, 0.70710678, 0.70710678, 0.70710678, 0.3275911, 0.3275911, 0.3275911, 0.3275911,
    1.061405429, 1.061405429, 1.061405429, 1.061405429, -1.453152027, -1.453152027, -1.453152027,
    -1.453152027, 1.421413741, 1.421413741, 1.421413741, 1.421413741, -0.284496736, -0.284496736,
    -0.284496736, -0.284496736, 0.254829592, 0.254829592, 0.254829592, 0.254829592,
  ],
  16,
)

/**
 * Phi(x), the normal distribution, given e = exp(-x^2 / 2); to 1.5e-7 absolute.
 *
 * Reference: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
@inline
function normalOf(x: v128, e: v128): v128 {
  const one = splat(1)
  const z = f32x4.abs(f32x4.mul(x, v128.load(constants)))
  const t = f32x4.div(one, addProduct(one, z, v128.load(constants, 16)))
  let p = addProduct(v128.load(constants, 48), t, v128.load(constants, 32))
  p = addProduct(v128.load(constants, 64), p, t)
  p = addProduct(v128.load(constants, 80), p, t)
  p = addProduct(v128.load(constants, 96), p, t)
  const tail = f32x4.mul(f32x4.mul(f32x4.mul(p, t), e), splat(0.5))
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, splat(0)))
}

@inline
function bellOf(x: v128): v128 {
  return expOf(f32x4.mul(f32x4.mul(x, x), splat(-0.5)))
}

/** Phi(x) + x * density(x), of which both parts are known. */
@inline
function slopeOf(x: v128, normal: v128, bell: v128): v128 {
  return f32x4.add(normal, f32x4.mul(f32x4.mul(x, splat(0.39894228)), bell))
}

export function geluForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    const value = v128.load(x + i)
    v128.store(y + i, f32x4.mul(value, normalOf(value, bellOf(value))))
  }
  const left = <i32>((end - i) >> 2)
  if (left == 0) return
  const value = loadPart(x + i, left, 0)
  storePart(y + i, f32x4.mul(value, normalOf(value, bellOf(value))), left)
}

export function geluForwardSlope(y: usize, slope: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    const value = v128.load(x + i)
    const bell = bellOf(value)
    const normal = normalOf(value, bell)
    v128.store(y + i, f32x4.mul(value, normal))
    v128.store(slope + i, slopeOf(value, normal, bell))
  }
  const left = <i32>((end - i) >> 2)
  if (left == 0) return
  const value = loadPart(x + i, left, 0)
  const bell = bellOf(value)
  const normal = normalOf(value, bell)
  storePart(y + i, f32x4.mul(value, normal), left)
  storePart(slope + i, slopeOf(value, normal, bell), left)
}

const ROOT_TWO_OVER_PI: f32 = 0.7978845608
const CUBIC: f32 = 0.044715

@inline
function innerOf(x: v128, x2: v128): v128 {
  const cubed = f32x4.mul(f32x4.mul(x2, x), splat(CUBIC))
  return f32x4.mul(f32x4.add(x, cubed), splat(ROOT_TWO_OVER_PI))
}

/** x / 2 * (1 + t), with t = tanh of the inner part. */
@inline
function tanhValueOf(x: v128, t: v128): v128 {
  return f32x4.mul(f32x4.mul(x, splat(0.5)), f32x4.add(splat(1), t))
}

@inline
function tanhSlopeOf(x: v128, x2: v128, t: v128): v128 {
  const inner = f32x4.mul(addProduct(splat(1), x2, splat(3 * CUBIC)), splat(ROOT_TWO_OVER_PI))
  const rise = f32x4.mul(f32x4.mul(x, f32x4.sub(splat(1), f32x4.mul(t, t))), inner)
  return f32x4.mul(splat(0.5), f32x4.add(f32x4.add(splat(1), t), rise))
}

export function geluTanhForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    const value = v128.load(x + i)
    v128.store(y + i, tanhValueOf(value, tanhOf(innerOf(value, f32x4.mul(value, value)))))
  }
  const left = <i32>((end - i) >> 2)
  if (left == 0) return
  const value = loadPart(x + i, left, 0)
  storePart(y + i, tanhValueOf(value, tanhOf(innerOf(value, f32x4.mul(value, value)))), left)
}

export function geluTanhForwardSlope(y: usize, slope: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    const value = v128.load(x + i)
    const x2 = f32x4.mul(value, value)
    const t = tanhOf(innerOf(value, x2))
    v128.store(y + i, tanhValueOf(value, t))
    v128.store(slope + i, tanhSlopeOf(value, x2, t))
  }
  const left = <i32>((end - i) >> 2)
  if (left == 0) return
  const value = loadPart(x + i, left, 0)
  const x2 = f32x4.mul(value, value)
  const t = tanhOf(innerOf(value, x2))
  storePart(y + i, tanhValueOf(value, t), left)
  storePart(slope + i, tanhSlopeOf(value, x2, t), left)
}
