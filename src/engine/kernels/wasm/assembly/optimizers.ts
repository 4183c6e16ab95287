/**
 * @file One step of each optimizer over an arena, in one pass. Arenas are padded to whole vectors with
 * zeros, which every optimizer keeps; so there are no tails.
 */
import { addProduct, bytesOf, splat } from './lanes.ts'

export function sgdStep(p: usize, g: usize, learningRate: f32, weightDecay: f32, n: i32): void {
  const rate = splat(learningRate)
  const decay = splat(weightDecay)
  const end = bytesOf(n)
  let i: usize = 0
  for (; i + 64 <= end; i += 64) {
    v128.store(p + i, sgdOf(v128.load(p + i), v128.load(g + i), rate, decay))
    v128.store(p + i, sgdOf(v128.load(p + i, 16), v128.load(g + i, 16), rate, decay), 16)
    v128.store(p + i, sgdOf(v128.load(p + i, 32), v128.load(g + i, 32), rate, decay), 32)
    v128.store(p + i, sgdOf(v128.load(p + i, 48), v128.load(g + i, 48), rate, decay), 48)
  }
  for (; i < end; i += 16) {
    v128.store(p + i, sgdOf(v128.load(p + i), v128.load(g + i), rate, decay))
  }
}

@inline
function sgdOf(value: v128, g: v128, rate: v128, decay: v128): v128 {
  return f32x4.sub(value, f32x4.mul(rate, addProduct(g, decay, value)))
}

export function momentumStep(
  p: usize,
  v: usize,
  g: usize,
  learningRate: f32,
  momentum: f32,
  nesterov: bool,
  weightDecay: f32,
  n: i32,
): void {
  const rate = splat(learningRate)
  const keep = splat(momentum)
  const decay = splat(weightDecay)
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), decay, value)
    const velocity = addProduct(gradient, keep, v128.load(v + i))
    v128.store(v + i, velocity)
    const step = nesterov ? addProduct(gradient, keep, velocity) : velocity
    v128.store(p + i, f32x4.sub(value, f32x4.mul(rate, step)))
  }
}

export function adamStep(
  p: usize,
  m: usize,
  v: usize,
  g: usize,
  learningRate: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  eps: f32,
  mScale: f32,
  vScale: f32,
  l2: f32,
  keep: f32,
  n: i32,
): void {
  const rate = splat(learningRate * mScale)
  const scale = splat(vScale)
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(l2), value)
    const fresh = f32x4.mul(splat(oneMinusBeta1), gradient)
    const mean = addProduct(fresh, splat(beta1), v128.load(m + i))
    const freshSquare = f32x4.mul(f32x4.mul(splat(oneMinusBeta2), gradient), gradient)
    const square = addProduct(freshSquare, splat(beta2), v128.load(v + i))
    v128.store(m + i, mean)
    v128.store(v + i, square)
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(square, scale)), splat(eps))
    const step = f32x4.div(f32x4.mul(rate, mean), root)
    v128.store(p + i, f32x4.sub(f32x4.mul(value, splat(keep)), step))
  }
}

export function rmspropStep(
  p: usize,
  s: usize,
  g: usize,
  learningRate: f32,
  alpha: f32,
  oneMinusAlpha: f32,
  eps: f32,
  weightDecay: f32,
  n: i32,
): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(weightDecay), value)
    const fresh = f32x4.mul(f32x4.mul(splat(oneMinusAlpha), gradient), gradient)
    const square = addProduct(fresh, splat(alpha), v128.load(s + i))
    v128.store(s + i, square)
    const root = f32x4.add(f32x4.sqrt(square), splat(eps))
    const step = f32x4.div(f32x4.mul(splat(learningRate), gradient), root)
    v128.store(p + i, f32x4.sub(value, step))
  }
}

export function rmspropMomentumStep(
  p: usize,
  s: usize,
  u: usize,
  g: usize,
  learningRate: f32,
  alpha: f32,
  oneMinusAlpha: f32,
  eps: f32,
  momentum: f32,
  weightDecay: f32,
  n: i32,
): void {
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(weightDecay), value)
    const fresh = f32x4.mul(f32x4.mul(splat(oneMinusAlpha), gradient), gradient)
    const square = addProduct(fresh, splat(alpha), v128.load(s + i))
    v128.store(s + i, square)
    const root = f32x4.add(f32x4.sqrt(square), splat(eps))
    const velocity = addProduct(f32x4.div(gradient, root), splat(momentum), v128.load(u + i))
    v128.store(u + i, velocity)
    v128.store(p + i, f32x4.sub(value, f32x4.mul(splat(learningRate), velocity)))
  }
}
