/** @file The squared error, and binary cross-entropy from logits. */
import { expOf, logOf, sigmoidOf } from './exp.ts'
import { bytesOf, splat } from './lanes.ts'

export function squaredErrorForward(losses: usize, y: usize, targets: usize, N: i32, C: i32): void {
  for (let n = 0; n < N; n++) {
    let sum: f32 = 0
    for (let c = 0; c < C; c++) {
      const error = load<f32>(y) - load<f32>(targets)
      sum += error * error
      y += 4
      targets += 4
    }
    store<f32>(losses + bytesOf(n), sum)
  }
}

/** dy = 2 (y - targets) / total, where `total` elements are averaged, of which these n are some. */
export function squaredErrorBackward(
  dy: usize,
  y: usize,
  targets: usize,
  n: i32,
  total: i32,
): void {
  const divisor = splat(<f32>total)
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 16 <= end; i += 16) {
    const error = f32x4.sub(v128.load(y + i), v128.load(targets + i))
    v128.store(dy + i, f32x4.div(f32x4.add(error, error), divisor))
  }
  for (; i < end; i += 4) {
    store<f32>(dy + i, (2 * (load<f32>(y + i) - load<f32>(targets + i))) / <f32>total)
  }
}

/** max(x, 0) - x t + log(1 + exp(-|x|)); the logarithm in double, where 1 + e keeps a small e. */
export function binaryCrossEntropyForward(
  losses: usize, // (N)
  x: usize, // (N, C), logits
  targets: usize, // (N, C)
  N: i32,
  C: i32,
): void {
  for (let n = 0; n < N; n++) {
    let sum: f32 = 0
    for (let c = 0; c < C; c++) {
      const logit = load<f32>(x)
      const e = f32x4.extract_lane(expOf(splat(-abs(logit))), 0)
      const positive: f32 = logit <= 0 ? 0 : logit
      sum += positive - logit * load<f32>(targets) + <f32>logOf(1 + <f64>e)
      x += 4
      targets += 4
    }
    store<f32>(losses + bytesOf(n), sum)
  }
}

export function binaryCrossEntropyBackward(
  dx: usize,
  x: usize,
  targets: usize,
  n: i32,
  total: i32,
): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 4) {
    const p = f32x4.extract_lane(sigmoidOf(v128.load32_splat(x + i)), 0)
    store<f32>(dx + i, (p - load<f32>(targets + i)) / <f32>total)
  }
}

export function countCorrectSigns(x: usize, targets: usize, n: i32): i32 {
  let correct = 0
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 4) {
    if (load<f32>(x + i) > 0 == load<f32>(targets + i) > 0.5) correct++
  }
  return correct
}
