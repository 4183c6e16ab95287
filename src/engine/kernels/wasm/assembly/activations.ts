/**
 * @file Activations and their derivatives, four lanes at a time. What each computes stands with the
 * reference kernel of the same name.
 */
import { expOf, sigmoidOf, tanhOf } from './exp.ts'
import { addProduct, bytesOf, loadPart, splat, storePart } from './lanes.ts'

/*
 * Each kernel is a formula on four lanes, then a loop over whole vectors and one over what is left: a
 * branch within the loop would cost as much as a cheap formula.
 */

export function sigmoidForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) v128.store(y + i, sigmoidOf(v128.load(x + i)))
  const left = <i32>((end - i) >> 2)
  if (left > 0) storePart(y + i, sigmoidOf(loadPart(x + i, left, 0)), left)
}

@inline
function sigmoidSlope(dy: v128, y: v128): v128 {
  return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(splat(1), y)))
}

export function sigmoidBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, sigmoidSlope(v128.load(dy + i), v128.load(y + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = sigmoidSlope(loadPart(dy + i, left, 0), loadPart(y + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}

export function tanhForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) v128.store(y + i, tanhOf(v128.load(x + i)))
  const left = <i32>((end - i) >> 2)
  if (left > 0) storePart(y + i, tanhOf(loadPart(x + i, left, 0)), left)
}

@inline
function tanhSlope(dy: v128, y: v128): v128 {
  return f32x4.mul(dy, f32x4.sub(splat(1), f32x4.mul(y, y)))
}

export function tanhBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, tanhSlope(v128.load(dy + i), v128.load(y + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = tanhSlope(loadPart(dy + i, left, 0), loadPart(y + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}

/** NaN stays NaN, and -0 becomes 0. */
@inline
function reluOf(x: v128): v128 {
  return v128.andnot(x, f32x4.le(x, splat(0)))
}

export function reluForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) v128.store(y + i, reluOf(v128.load(x + i)))
  const left = <i32>((end - i) >> 2)
  if (left > 0) storePart(y + i, reluOf(loadPart(x + i, left, 0)), left)
}

@inline
function reluSlope(dy: v128, y: v128): v128 {
  return v128.and(dy, f32x4.gt(y, splat(0)))
}

export function reluBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, reluSlope(v128.load(dy + i), v128.load(y + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = reluSlope(loadPart(dy + i, left, 0), loadPart(y + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}

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

@inline
function geluOf(x: v128): v128 {
  return f32x4.mul(x, normalOf(x, bellOf(x)))
}

export function geluForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) v128.store(y + i, geluOf(v128.load(x + i)))
  const left = <i32>((end - i) >> 2)
  if (left > 0) storePart(y + i, geluOf(loadPart(x + i, left, 0)), left)
}

@inline
function geluSlope(dy: v128, x: v128): v128 {
  const bell = bellOf(x)
  const density = f32x4.mul(f32x4.mul(x, splat(0.39894228)), bell)
  return f32x4.mul(dy, f32x4.add(normalOf(x, bell), density))
}

export function geluBackward(dx: usize, dy: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, geluSlope(v128.load(dy + i), v128.load(x + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = geluSlope(loadPart(dy + i, left, 0), loadPart(x + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}

const ROOT_TWO_OVER_PI: f32 = 0.7978845608
const CUBIC: f32 = 0.044715

@inline
function innerOf(x: v128, x2: v128): v128 {
  const cubed = f32x4.mul(f32x4.mul(x2, x), splat(CUBIC))
  return f32x4.mul(f32x4.add(x, cubed), splat(ROOT_TWO_OVER_PI))
}

@inline
function geluTanhOf(x: v128): v128 {
  const t = tanhOf(innerOf(x, f32x4.mul(x, x)))
  return f32x4.mul(f32x4.mul(x, splat(0.5)), f32x4.add(splat(1), t))
}

export function geluTanhForward(y: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) v128.store(y + i, geluTanhOf(v128.load(x + i)))
  const left = <i32>((end - i) >> 2)
  if (left > 0) storePart(y + i, geluTanhOf(loadPart(x + i, left, 0)), left)
}

@inline
function geluTanhSlope(dy: v128, x: v128): v128 {
  const x2 = f32x4.mul(x, x)
  const t = tanhOf(innerOf(x, x2))
  const inner = f32x4.mul(addProduct(splat(1), x2, splat(3 * CUBIC)), splat(ROOT_TWO_OVER_PI))
  const rise = f32x4.mul(f32x4.mul(x, f32x4.sub(splat(1), f32x4.mul(t, t))), inner)
  return f32x4.mul(dy, f32x4.mul(splat(0.5), f32x4.add(f32x4.add(splat(1), t), rise)))
}

export function geluTanhBackward(dx: usize, dy: usize, x: usize, n: i32): void {
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, geluTanhSlope(v128.load(dy + i), v128.load(x + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = geluTanhSlope(loadPart(dy + i, left, 0), loadPart(x + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}
