/**
 * @file Layer and RMS normalization: one code for both. The second has no mean: its pointer is 0, and
 * nothing is subtracted. What each computes stands with the reference kernels.
 */
import { addProduct, bytesOf, joinPartials, loadUpTo, splat } from './lanes.ts'
import { sum } from './sums.ts'

/** The sum of (x - m)^2, of sixteen partials by place. */
function squaresAround(m: f32, x: usize, n: i32): f32 {
  const middle = splat(m)
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    const e0 = f32x4.sub(v128.load(x + i), middle)
    a = addProduct(a, e0, e0)
    const e1 = f32x4.sub(v128.load(x + i, 16), middle)
    b = addProduct(b, e1, e1)
    const e2 = f32x4.sub(v128.load(x + i, 32), middle)
    c = addProduct(c, e2, e2)
    const e3 = f32x4.sub(v128.load(x + i, 48), middle)
    d = addProduct(d, e3, e3)
  }
  if (i < end) {
    const left = <isize>(end - i)
    const e0 = f32x4.sub(loadUpTo(x + i, left, m), middle)
    a = addProduct(a, e0, e0)
    const e1 = f32x4.sub(loadUpTo(x + i + 16, left - 16, m), middle)
    b = addProduct(b, e1, e1)
    const e2 = f32x4.sub(loadUpTo(x + i + 32, left - 32, m), middle)
    c = addProduct(c, e2, e2)
    const e3 = f32x4.sub(loadUpTo(x + i + 48, left - 48, m), middle)
    d = addProduct(d, e3, e3)
  }
  return joinPartials(a, b, c, d)
}

export function normForward(
  y: usize, // (N, C)
  mean: usize, // (N), or 0
  rstd: usize, // (N)
  x: usize, // (N, C)
  weight: usize, // (C)
  bias: usize, // (C), or 0
  epsilon: f32,
  N: i32,
  C: i32,
): void {
  const end = bytesOf(C)
  for (let n = 0; n < N; n++) {
    const m: f32 = mean ? sum(x, C) / <f32>C : 0
    const r: f32 = <f32>1 / sqrt<f32>(squaresAround(m, x, C) / <f32>C + epsilon)
    if (mean) store<f32>(mean + bytesOf(n), m)
    store<f32>(rstd + bytesOf(n), r)
    const middle = splat(m)
    const scale = splat(r)
    let i: usize = 0
    for (; i + 16 <= end; i += 16) {
      const xhat = xhatOf(v128.load(x + i), middle, scale)
      const scaled = f32x4.mul(xhat, v128.load(weight + i))
      v128.store(y + i, bias ? f32x4.add(scaled, v128.load(bias + i)) : scaled)
    }
    for (; i < end; i += 4) {
      const scaled = (load<f32>(x + i) - m) * r * load<f32>(weight + i)
      store<f32>(y + i, bias ? scaled + load<f32>(bias + i) : scaled)
    }
    x += end
    y += end
  }
}

/** The sum of g = dy * weight, of sixteen partials by place. */
function gradientSum(dy: usize, weight: usize, n: i32): f32 {
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    a = addProduct(a, v128.load(dy + i), v128.load(weight + i))
    b = addProduct(b, v128.load(dy + i, 16), v128.load(weight + i, 16))
    c = addProduct(c, v128.load(dy + i, 32), v128.load(weight + i, 32))
    d = addProduct(d, v128.load(dy + i, 48), v128.load(weight + i, 48))
  }
  if (i < end) {
    const left = <isize>(end - i)
    a = addProduct(a, loadUpTo(dy + i, left, 0), loadUpTo(weight + i, left, 0))
    b = addProduct(b, loadUpTo(dy + i + 16, left - 16, 0), loadUpTo(weight + i + 16, left - 16, 0))
    c = addProduct(c, loadUpTo(dy + i + 32, left - 32, 0), loadUpTo(weight + i + 32, left - 32, 0))
    d = addProduct(d, loadUpTo(dy + i + 48, left - 48, 0), loadUpTo(weight + i + 48, left - 48, 0))
  }
  return joinPartials(a, b, c, d)
}

@inline
function slopeOf(dy: v128, weight: v128, x: v128, middle: v128): v128 {
  return f32x4.mul(f32x4.mul(dy, weight), f32x4.sub(x, middle))
}

/** The sum of g * (x - m), of sixteen partials by place. */
function slopeSum(dy: usize, weight: usize, x: usize, m: f32, n: i32): f32 {
  const middle = splat(m)
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  let i: usize = 0
  const end = bytesOf(n)
  for (; i + 64 <= end; i += 64) {
    a = f32x4.add(a, slopeOf(v128.load(dy + i), v128.load(weight + i), v128.load(x + i), middle))
    b = f32x4.add(
      b,
      slopeOf(v128.load(dy + i, 16), v128.load(weight + i, 16), v128.load(x + i, 16), middle),
    )
    c = f32x4.add(
      c,
      slopeOf(v128.load(dy + i, 32), v128.load(weight + i, 32), v128.load(x + i, 32), middle),
    )
    d = f32x4.add(
      d,
      slopeOf(v128.load(dy + i, 48), v128.load(weight + i, 48), v128.load(x + i, 48), middle),
    )
  }
  for (let part = 0; i < end; part++, i += 16) {
    const left = <isize>(end - i)
    const slope = slopeOf(
      loadUpTo(dy + i, left, 0),
      loadUpTo(weight + i, left, 0),
      loadUpTo(x + i, left, m),
      middle,
    )
    if (part == 0) a = f32x4.add(a, slope)
    else if (part == 1) b = f32x4.add(b, slope)
    else if (part == 2) c = f32x4.add(c, slope)
    else d = f32x4.add(d, slope)
  }
  return joinPartials(a, b, c, d)
}

/** dx = rstd * (g - mean of g - (x - m) * k), with k = rstd^2 * mean of g * (x - m). */
export function normBackwardInput(
  dx: usize, // (N, C)
  dy: usize, // (N, C)
  mean: usize, // (N), or 0
  rstd: usize, // (N)
  x: usize, // (N, C)
  weight: usize, // (C)
  N: i32,
  C: i32,
): void {
  const end = bytesOf(C)
  for (let n = 0; n < N; n++) {
    const m: f32 = mean ? load<f32>(mean + bytesOf(n)) : 0
    const r = load<f32>(rstd + bytesOf(n))
    const g: f32 = mean ? gradientSum(dy, weight, C) / <f32>C : 0
    const k = (slopeSum(dy, weight, x, m, C) / <f32>C) * (r * r)
    let i: usize = 0
    for (; i + 16 <= end; i += 16) {
      const gradient = f32x4.sub(f32x4.mul(v128.load(dy + i), v128.load(weight + i)), splat(g))
      const along = f32x4.mul(f32x4.sub(v128.load(x + i), splat(m)), splat(k))
      v128.store(dx + i, f32x4.mul(splat(r), f32x4.sub(gradient, along)))
    }
    for (; i < end; i += 4) {
      const gradient = load<f32>(dy + i) * load<f32>(weight + i) - g
      store<f32>(dx + i, r * (gradient - (load<f32>(x + i) - m) * k))
    }
    dx += end
    dy += end
    x += end
  }
}

@inline
function xhatOf(x: v128, middle: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.sub(x, middle), scale)
}

@inline
function addTo(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, f32x4.add(v128.load(out), a))
  v128.store(out, f32x4.add(v128.load(out, 16), b), 16)
  v128.store(out, f32x4.add(v128.load(out, 32), c), 32)
  v128.store(out, f32x4.add(v128.load(out, 48), d), 48)
}

/** The rows of a block whose sums are joined as one. */
const BLOCK: i32 = 256

/** dweight += sums over rows of dy * xhat, dbias += sums of dy; for `columns` columns of `width`. */
export function normBackwardParameters(
  dweight: usize, // (columns)
  dbias: usize, // (columns), or 0
  dy: usize, // (N, width)
  mean: usize, // (N), or 0
  rstd: usize, // (N)
  x: usize, // (N, width)
  N: i32,
  columns: i32,
  width: i32,
): void {
  const row = bytesOf(width)
  const end = bytesOf(columns)
  for (let start = 0; start < N; start += BLOCK) {
    const count = min(BLOCK, N - start)
    const first = <usize>start * row
    const rows = bytesOf(start)
    const means = mean ? mean + rows : 0
    let i: usize = 0
    // Whole cache lines: 256 rows of two arrays fill the first cache, so a line is there but once.
    for (; i + 64 <= end; i += 64) {
      let w0 = splat(0)
      let w1 = splat(0)
      let w2 = splat(0)
      let w3 = splat(0)
      let b0 = splat(0)
      let b1 = splat(0)
      let b2 = splat(0)
      let b3 = splat(0)
      let from = first + i
      for (let r: usize = 0; r < bytesOf(count); r += 4) {
        const middle = means ? v128.load32_splat(means + r) : splat(0)
        const scale = v128.load32_splat(rstd + rows + r)
        let gradient = v128.load(dy + from)
        b0 = f32x4.add(b0, gradient)
        w0 = addProduct(w0, gradient, xhatOf(v128.load(x + from), middle, scale))
        gradient = v128.load(dy + from, 16)
        b1 = f32x4.add(b1, gradient)
        w1 = addProduct(w1, gradient, xhatOf(v128.load(x + from, 16), middle, scale))
        gradient = v128.load(dy + from, 32)
        b2 = f32x4.add(b2, gradient)
        w2 = addProduct(w2, gradient, xhatOf(v128.load(x + from, 32), middle, scale))
        gradient = v128.load(dy + from, 48)
        b3 = f32x4.add(b3, gradient)
        w3 = addProduct(w3, gradient, xhatOf(v128.load(x + from, 48), middle, scale))
        from += row
      }
      addTo(dweight + i, w0, w1, w2, w3)
      if (dbias) addTo(dbias + i, b0, b1, b2, b3)
    }
    for (; i + 16 <= end; i += 16) {
      let weightSums = splat(0)
      let biasSums = splat(0)
      let from = first + i
      for (let r: usize = 0; r < bytesOf(count); r += 4) {
        const gradient = v128.load(dy + from)
        const middle = means ? v128.load32_splat(means + r) : splat(0)
        const scale = v128.load32_splat(rstd + rows + r)
        const xhat = xhatOf(v128.load(x + from), middle, scale)
        weightSums = addProduct(weightSums, gradient, xhat)
        biasSums = f32x4.add(biasSums, gradient)
        from += row
      }
      v128.store(dweight + i, f32x4.add(v128.load(dweight + i), weightSums))
      if (dbias) v128.store(dbias + i, f32x4.add(v128.load(dbias + i), biasSums))
    }
    for (; i < end; i += 4) {
      let weightSum: f32 = 0
      let biasSum: f32 = 0
      let from = first + i
      for (let r: usize = 0; r < bytesOf(count); r += 4) {
        const gradient = load<f32>(dy + from)
        const m: f32 = means ? load<f32>(means + r) : 0
        weightSum += gradient * ((load<f32>(x + from) - m) * load<f32>(rstd + rows + r))
        biasSum += gradient
        from += row
      }
      store<f32>(dweight + i, load<f32>(dweight + i) + weightSum)
      if (dbias) store<f32>(dbias + i, load<f32>(dbias + i) + biasSum)
    }
  }
}
