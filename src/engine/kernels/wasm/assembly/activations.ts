/**
 * @file Activations and their derivatives, four lanes at a time. What each computes stands with the
 * reference kernel of the same name.
 */
import { expOf, sigmoidOf, tanhOf } from './exp.ts'
import { bytesOf, loadPart, splat, storePart } from './lanes.ts'

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
  for (; i + 64 <= end; i += 64) {
    v128.store(y + i, reluOf(v128.load(x + i)))
    v128.store(y + i, reluOf(v128.load(x + i, 16)), 16)
    v128.store(y + i, reluOf(v128.load(x + i, 32)), 32)
    v128.store(y + i, reluOf(v128.load(x + i, 48)), 48)
  }
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
  for (; i + 64 <= end; i += 64) {
    v128.store(dx + i, reluSlope(v128.load(dy + i), v128.load(y + i)))
    v128.store(dx + i, reluSlope(v128.load(dy + i, 16), v128.load(y + i, 16)), 16)
    v128.store(dx + i, reluSlope(v128.load(dy + i, 32), v128.load(y + i, 32)), 32)
    v128.store(dx + i, reluSlope(v128.load(dy + i, 48), v128.load(y + i, 48)), 48)
  }
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, reluSlope(v128.load(dy + i), v128.load(y + i)))
  }
  const left = <i32>((end - i) >> 2)
  if (left > 0) {
    const slopes = reluSlope(loadPart(dy + i, left, 0), loadPart(y + i, left, 0))
    storePart(dx + i, slopes, left)
  }
}
