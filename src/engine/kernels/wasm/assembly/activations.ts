/**
 * @file Activations and their derivatives, four lanes at a time. What each computes stands with the
 * reference kernel of the same name.
 */
import { expOf, sigmoidOf, tanhOf } from './exp.ts'
import { addProduct, bytesOf, loadPart, splat, storePart } from './lanes.ts'

const ZERO: f32 = 0

@inline
function load4(from: usize, left: usize): v128 {
  return left >= 16 ? v128.load(from) : loadPart(from, left >> 2, ZERO)
}

@inline
function store4(to: usize, lanes: v128, left: usize): void {
  if (left >= 16) v128.store(to, lanes)
  else storePart(to, lanes, left >> 2)
}

export function sigmoidForward(y: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    store4(y + i, sigmoidOf(load4(x + i, end - i)), end - i)
  }
}

export function sigmoidBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const left = end - i
    const p = load4(y + i, left)
    const slope = f32x4.mul(p, f32x4.sub(splat(1), p))
    store4(dx + i, f32x4.mul(load4(dy + i, left), slope), left)
  }
}

export function tanhForward(y: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    store4(y + i, tanhOf(load4(x + i, end - i)), end - i)
  }
}

export function tanhBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const left = end - i
    const t = load4(y + i, left)
    const slope = f32x4.sub(splat(1), f32x4.mul(t, t))
    store4(dx + i, f32x4.mul(load4(dy + i, left), slope), left)
  }
}

/** NaN stays NaN, and -0 becomes 0. */
export function reluForward(y: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = load4(x + i, end - i)
    store4(y + i, v128.andnot(value, f32x4.le(value, splat(0))), end - i)
  }
}

export function reluBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const left = end - i
    const passes = f32x4.gt(load4(y + i, left), splat(0))
    store4(dx + i, v128.and(load4(dy + i, left), passes), left)
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

export function geluForward(y: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = load4(x + i, end - i)
    store4(y + i, f32x4.mul(value, normalOf(value, bellOf(value))), end - i)
  }
}

export function geluBackward(dx: usize, dy: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const left = end - i
    const value = load4(x + i, left)
    const bell = bellOf(value)
    const density = f32x4.mul(f32x4.mul(value, splat(0.39894228)), bell)
    const slope = f32x4.add(normalOf(value, bell), density)
    store4(dx + i, f32x4.mul(load4(dy + i, left), slope), left)
  }
}

const ROOT_TWO_OVER_PI: f32 = 0.7978845608
const CUBIC: f32 = 0.044715

@inline
function innerOf(x: v128, x2: v128): v128 {
  const cubed = f32x4.mul(f32x4.mul(x2, x), splat(CUBIC))
  return f32x4.mul(f32x4.add(x, cubed), splat(ROOT_TWO_OVER_PI))
}

export function geluTanhForward(y: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = load4(x + i, end - i)
    const t = tanhOf(innerOf(value, f32x4.mul(value, value)))
    const half = f32x4.mul(value, splat(0.5))
    store4(y + i, f32x4.mul(half, f32x4.add(splat(1), t)), end - i)
  }
}

export function geluTanhBackward(dx: usize, dy: usize, x: usize, n: i32): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const left = end - i
    const value = load4(x + i, left)
    const x2 = f32x4.mul(value, value)
    const t = tanhOf(innerOf(value, x2))
    const inner = f32x4.mul(addProduct(splat(1), x2, splat(3 * CUBIC)), splat(ROOT_TWO_OVER_PI))
    const rise = f32x4.mul(f32x4.mul(value, f32x4.sub(splat(1), f32x4.mul(t, t))), inner)
    const slope = f32x4.mul(splat(0.5), f32x4.add(f32x4.add(splat(1), t), rise))
    store4(dx + i, f32x4.mul(load4(dy + i, left), slope), left)
  }
}
