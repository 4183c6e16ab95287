/** @file Softmax along rows, alone and fused with categorical cross-entropy. */
import { expOf, logOf } from './exp.ts'
import { bytesOf, joinPartials, largestLane, loadPart, splat, storePart } from './lanes.ts'
import { dot } from './sums.ts'

/** The largest of a row; NaN where there is one. */
function largestOf(x: usize, C: i32): f32 {
  let largest = splat(load<f32>(x))
  let i: usize = 0
  const end = bytesOf(C)
  for (; i + 16 <= end; i += 16) largest = f32x4.max(largest, v128.load(x + i))
  if (i < end) largest = f32x4.max(largest, loadPart(x + i, <i32>((end - i) >> 2), load<f32>(x)))
  return largestLane(largest)
}

/** y = exp(x - max) along a row; returns the sum, of sixteen partials by place. */
function exponentials(y: usize, x: usize, max: f32, C: i32): f32 {
  const most = splat(max)
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(C)
  for (; i + 64 <= end; i += 64) {
    const e0 = expOf(f32x4.sub(v128.load(x + i), most))
    v128.store(y + i, e0)
    a = f32x4.add(a, e0)
    const e1 = expOf(f32x4.sub(v128.load(x + i, 16), most))
    v128.store(y + i, e1, 16)
    b = f32x4.add(b, e1)
    const e2 = expOf(f32x4.sub(v128.load(x + i, 32), most))
    v128.store(y + i, e2, 32)
    c = f32x4.add(c, e2)
    const e3 = expOf(f32x4.sub(v128.load(x + i, 48), most))
    v128.store(y + i, e3, 48)
    d = f32x4.add(d, e3)
  }
  for (let part = 0; i < end; part++, i += 16) {
    const left = <i32>((end - i) >> 2)
    let e: v128
    if (left >= 4) {
      e = expOf(f32x4.sub(v128.load(x + i), most))
      v128.store(y + i, e)
    } else {
      // Lanes beyond the row: exp(-infinity) adds nothing.
      e = expOf(f32x4.sub(loadPart(x + i, left, -Infinity), most))
      storePart(y + i, e, left)
    }
    if (part == 0) a = f32x4.add(a, e)
    else if (part == 1) b = f32x4.add(b, e)
    else if (part == 2) c = f32x4.add(c, e)
    else d = f32x4.add(d, e)
  }
  return joinPartials(a, b, c, d)
}

export function divideRow(y: usize, divisor: f32, C: i32): void {
  const by = splat(divisor)
  let i: usize = 0
  const end = bytesOf(C)
  for (; i + 16 <= end; i += 16) v128.store(y + i, f32x4.div(v128.load(y + i), by))
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(y + i) / divisor)
}

export function softmaxForward(y: usize, x: usize, N: i32, C: i32): void {
  const row = bytesOf(C)
  for (let n = 0; n < N; n++) {
    divideRow(y, exponentials(y, x, largestOf(x, C), C), C)
    x += row
    y += row
  }
}

export function softmaxBackward(dx: usize, dy: usize, y: usize, N: i32, C: i32): void {
  const row = bytesOf(C)
  for (let n = 0; n < N; n++) {
    const mean = dot(dy, y, C)
    let i: usize = 0
    for (; i + 16 <= row; i += 16) {
      const change = f32x4.sub(v128.load(dy + i), splat(mean))
      v128.store(dx + i, f32x4.mul(v128.load(y + i), change))
    }
    for (; i < row; i += 4) {
      store<f32>(dx + i, load<f32>(y + i) * (load<f32>(dy + i) - mean))
    }
    dx += row
    dy += row
    y += row
  }
}

export function categoricalCrossEntropyForward(
  losses: usize, // (N)
  probabilities: usize, // (N, C)
  x: usize, // (N, C)
  targets: usize, // (N), class indices as float32
  N: i32,
  C: i32,
): void {
  const row = bytesOf(C)
  for (let n = 0; n < N; n++) {
    const max = largestOf(x, C)
    const sum = exponentials(probabilities, x, max, C)
    divideRow(probabilities, sum, C)
    const target = bytesOf(<i32>load<f32>(targets + bytesOf(n)))
    store<f32>(losses + bytesOf(n), <f32>logOf(sum) - (load<f32>(x + target) - max))
    x += row
    probabilities += row
  }
}

export function categoricalCrossEntropyBackward(
  dx: usize, // (N, C)
  probabilities: usize, // (N, C)
  targets: usize, // (N)
  N: i32,
  C: i32,
  total: i32, // rows that the mean is over: all, of which these are some
): void {
  const row = bytesOf(C)
  const rows = splat(<f32>total)
  for (let n = 0; n < N; n++) {
    let i: usize = 0
    for (; i + 16 <= row; i += 16) {
      v128.store(dx + i, f32x4.div(v128.load(probabilities + i), rows))
    }
    for (; i < row; i += 4) store<f32>(dx + i, load<f32>(probabilities + i) / <f32>total)
    const target = bytesOf(<i32>load<f32>(targets + bytesOf(n)))
    store<f32>(dx + target, (load<f32>(probabilities + target) - 1) / <f32>total)
    dx += row
    probabilities += row
  }
}

export function countCorrectClasses(x: usize, targets: usize, N: i32, C: i32): i32 {
  let correct = 0
  for (let n = 0; n < N; n++) {
    let best = 0
    let most = load<f32>(x)
    for (let c = 1; c < C; c++) {
      const value = load<f32>(x + bytesOf(c))
      if (value > most) {
        most = value
        best = c
      }
    }
    if (best == <i32>load<f32>(targets + bytesOf(n))) correct++
    x += bytesOf(C)
  }
  return correct
}
