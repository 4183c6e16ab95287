/**
 * @file Batch normalization for a range of channels. A channel's sums are taken plane by plane, each
 * with its sixteen partials (sums.ts), and joined in double precision, images in order.
 *
 * Where a channel has one number in each sample, that number is its plane.
 */
import { bytesOf, joinPartials, loadPart, splat, storePart } from './lanes.ts'
import { sum } from './sums.ts'

/** The next vector of a plane, or what is left of it and zeros. */
@inline
function load4(from: usize, left: usize): v128 {
  return left >= 16 ? v128.load(from) : loadPart(from, left >> 2, 0)
}

/** Sixteen partials of (x - m) * z by place modulo 16; z is x - m itself, or dy. */
function sumOfProducts(x: usize, z: usize, m: f32, squares: bool, size: i32): f32 {
  let a = splat(0)
  let b = splat(0)
  let c = splat(0)
  let d = splat(0)
  const mean = splat(m)
  const end = bytesOf(size)
  let part = 0
  for (let i: usize = 0; i < end; i += 16) {
    const left = end - i
    const distance = f32x4.sub(left >= 16 ? v128.load(x + i) : loadPart(x + i, left >> 2, m), mean)
    const product = f32x4.mul(distance, squares ? distance : load4(z + i, left))
    if (part == 0) a = f32x4.add(a, product)
    else if (part == 1) b = f32x4.add(b, product)
    else if (part == 2) c = f32x4.add(c, product)
    else d = f32x4.add(d, product)
    part = (part + 1) & 3
  }
  return joinPartials(a, b, c, d)
}

/** y = (x - mean) * scale + shift on one plane. */
function mapPlane(y: usize, x: usize, mean: f32, scale: f32, shift: f32, size: i32): void {
  let i: usize = 0
  const end = bytesOf(size)
  for (; i + 16 <= end; i += 16) {
    const distance = f32x4.sub(v128.load(x + i), splat(mean))
    v128.store(y + i, f32x4.add(f32x4.mul(distance, splat(scale)), splat(shift)))
  }
  for (; i < end; i += 4) store<f32>(y + i, (load<f32>(x + i) - mean) * scale + shift)
}

/** Channels `from` to `end`; all pointers are to channel 0. */
export function batchNormForward(
  y: usize, // (N, C, S)
  mean: usize, // (C)
  rstd: usize, // (C)
  runningMean: usize, // (C)
  runningVariance: usize, // (C)
  x: usize, // (N, C, S)
  weight: usize, // (C)
  bias: usize, // (C)
  epsilon: f64,
  momentum: f64,
  N: i32,
  C: i32,
  S: i32,
  from: i32,
  end: i32,
): void {
  const count = <f64>N * <f64>S
  const image = bytesOf(C * S)
  for (let c = from; c < end; c++) {
    const plane = bytesOf(c * S)
    const at = bytesOf(c)
    let total: f64 = 0
    for (let n = 0; n < N; n++) total += <f64>sum(x + plane + <usize>n * image, S)
    const m = <f32>(total / count)
    let squares: f64 = 0
    for (let n = 0; n < N; n++) {
      squares += <f64>sumOfProducts(x + plane + <usize>n * image, 0, m, true, S)
    }
    const r = <f32>(1 / sqrt(squares / count + epsilon))
    const scale = r * load<f32>(weight + at)
    for (let n = 0; n < N; n++) {
      const offset = plane + <usize>n * image
      mapPlane(y + offset, x + offset, m, scale, load<f32>(bias + at), S)
    }
    store<f32>(mean + at, m)
    store<f32>(rstd + at, r)
    moveTowards(runningMean + at, <f64>m, momentum)
    if (count > 1) moveTowards(runningVariance + at, squares / (count - 1), momentum)
  }
}

/** Stores a normal number or zero: that of a constant would stay denormal for ever (optimizers.ts). */
@inline
function moveTowards(at: usize, value: f64, momentum: f64): void {
  const before = <f64>load<f32>(at)
  const after = <f32>(before + momentum * (value - before))
  store<f32>(at, abs(after) < 1.1754943508222875e-38 ? 0 : after)
}

/** Images `from` to `end`. */
export function batchNormEvaluate(
  y: usize, // (N, C, S)
  x: usize, // (N, C, S)
  runningMean: usize, // (C)
  runningVariance: usize, // (C)
  weight: usize, // (C)
  bias: usize, // (C)
  epsilon: f64,
  C: i32,
  S: i32,
  from: i32,
  end: i32,
): void {
  for (let c = 0; c < C; c++) {
    const at = bytesOf(c)
    const r = <f32>(1 / sqrt(<f64>load<f32>(runningVariance + at) + epsilon))
    const scale = r * load<f32>(weight + at)
    for (let n = from; n < end; n++) {
      const offset = bytesOf(n * C + c) * <usize>S
      mapPlane(y + offset, x + offset, load<f32>(runningMean + at), scale, load<f32>(bias + at), S)
    }
  }
}

/** Channels `from` to `end`; `dx` is 0 where nobody asks for it. */
export function batchNormBackward(
  dx: usize, // (N, C, S)
  dweight: usize, // (C)
  dbias: usize, // (C)
  dy: usize, // (N, C, S)
  x: usize, // (N, C, S)
  mean: usize, // (C)
  rstd: usize, // (C)
  weight: usize, // (C)
  N: i32,
  C: i32,
  S: i32,
  from: i32,
  end: i32,
): void {
  const count = <f64>N * <f64>S
  const image = bytesOf(C * S)
  for (let c = from; c < end; c++) {
    const plane = bytesOf(c * S)
    const at = bytesOf(c)
    const m = load<f32>(mean + at)
    const r = load<f32>(rstd + at)
    let total: f64 = 0
    let products: f64 = 0
    for (let n = 0; n < N; n++) {
      const offset = plane + <usize>n * image
      total += <f64>sum(dy + offset, S)
      products += <f64>sumOfProducts(x + offset, dy + offset, m, false, S)
    }
    products *= <f64>r // of dy and xhat
    store<f32>(dbias + at, load<f32>(dbias + at) + <f32>total)
    store<f32>(dweight + at, load<f32>(dweight + at) + <f32>products)
    if (dx == 0) continue
    const scale = load<f32>(weight + at) * r
    const slope = <f32>((<f64>r * products) / count) // xhat's share, by x - mean
    for (let n = 0; n < N; n++) {
      const offset = plane + <usize>n * image
      pullBack(dx + offset, dy + offset, x + offset, scale, <f32>(total / count), m, slope, S)
    }
  }
}

/** dx = scale * ((dy - dyMean) - (x - mean) * slope) on one plane. */
function pullBack(
  dx: usize,
  dy: usize,
  x: usize,
  scale: f32,
  dyMean: f32,
  mean: f32,
  slope: f32,
  size: i32,
): void {
  const end = bytesOf(size)
  for (let i: usize = 0; i < end; i += 16) {
    const left = end - i
    const centered = f32x4.sub(load4(dy + i, left), splat(dyMean))
    const along = f32x4.mul(f32x4.sub(load4(x + i, left), splat(mean)), splat(slope))
    const lanes = f32x4.mul(splat(scale), f32x4.sub(centered, along))
    if (left >= 16) v128.store(dx + i, lanes)
    else storePart(dx + i, lanes, left >> 2)
  }
}
