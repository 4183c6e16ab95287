/**
 * @file One step of each optimizer over an arena, in one pass. Arenas are padded to whole vectors with
 * zeros, which every optimizer keeps; so there are no tails.
 */
import { addProduct, bytesOf, splat } from './lanes.ts'

/*
 * What an optimizer keeps of a parameter that gets no gradient any more, such as those of a unit that is
 * dead, shrinks until it is no normal number, and then stays: rounding gives 0.9 of the smallest numbers
 * back as they were. So does the parameter itself under weight decay. Processors take a hundred cycles for
 * each product with one, so steps would take up to ten times as long from then on. So all that is stored
 * is zero before it comes so far.
 */

/** Times a decay or a learning rate still a normal number, and nothing beside any weight that matters. */
const smallestKept: f32 = 7.888609052210118e-31 // 2^-100
const smallestNormal: f32 = 1.1754943508222875e-38 // 2^-126
/** Whose square, by one part in ten thousand, is still a normal number. */
const smallestSquared: f32 = 1.3877787807814457e-17 // 2^-56

/** x, or 0 where it is smaller. NaN stays NaN. */
@inline
function atLeast(smallest: f32, x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), splat(smallest)))
}

/** A mean of gradients, or a parameter that decays. */
@inline
function kept(x: v128): v128 {
  return atLeast(smallestKept, x)
}

@inline
function parameter(x: v128, decays: bool): v128 {
  return decays ? kept(x) : x
}

/** The running mean of squares: mean * keep + (fresh * g) * g */
@inline
function meanSquare(mean: v128, keep: v128, fresh: v128, gradient: v128): v128 {
  const g = atLeast(smallestSquared, gradient)
  const square = addProduct(f32x4.mul(f32x4.mul(fresh, g), g), keep, mean)
  return v128.andnot(square, f32x4.lt(square, splat(smallestNormal)))
}

export function sgdStep(p: usize, g: usize, learningRate: f32, weightDecay: f32, n: i32): void {
  const rate = splat(learningRate)
  const decay = splat(weightDecay)
  const end = bytesOf(n)
  let i: usize = 0
  if (weightDecay != 0) {
    for (; i < end; i += 16) {
      v128.store(p + i, kept(sgdOf(v128.load(p + i), v128.load(g + i), rate, decay)))
    }
    return
  }
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
  const decays = weightDecay != 0
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), decay, value)
    const velocity = kept(addProduct(gradient, keep, v128.load(v + i)))
    v128.store(v + i, velocity)
    const step = nesterov ? addProduct(gradient, keep, velocity) : velocity
    v128.store(p + i, parameter(f32x4.sub(value, f32x4.mul(rate, step)), decays))
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
  const decays = l2 != 0 || keep != 1
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(l2), value)
    const fresh = f32x4.mul(splat(oneMinusBeta1), gradient)
    const mean = kept(addProduct(fresh, splat(beta1), v128.load(m + i)))
    const square = meanSquare(v128.load(v + i), splat(beta2), splat(oneMinusBeta2), gradient)
    v128.store(m + i, mean)
    v128.store(v + i, square)
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(square, scale)), splat(eps))
    const step = f32x4.div(f32x4.mul(rate, mean), root)
    v128.store(p + i, parameter(f32x4.sub(f32x4.mul(value, splat(keep)), step), decays))
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
  const decays = weightDecay != 0
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(weightDecay), value)
    const square = meanSquare(v128.load(s + i), splat(alpha), splat(oneMinusAlpha), gradient)
    v128.store(s + i, square)
    const root = f32x4.add(f32x4.sqrt(square), splat(eps))
    const step = f32x4.div(f32x4.mul(splat(learningRate), gradient), root)
    v128.store(p + i, parameter(f32x4.sub(value, step), decays))
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
  const decays = weightDecay != 0
  for (let i: usize = 0, end = bytesOf(n); i < end; i += 16) {
    const value = v128.load(p + i)
    const gradient = addProduct(v128.load(g + i), splat(weightDecay), value)
    const square = meanSquare(v128.load(s + i), splat(alpha), splat(oneMinusAlpha), gradient)
    v128.store(s + i, square)
    const root = f32x4.add(f32x4.sqrt(square), splat(eps))
    const scaled = f32x4.div(gradient, root)
    const velocity = kept(addProduct(scaled, splat(momentum), v128.load(u + i)))
    v128.store(u + i, velocity)
    v128.store(p + i, parameter(f32x4.sub(value, f32x4.mul(splat(learningRate), velocity)), decays))
  }
}
