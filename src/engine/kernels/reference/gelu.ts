/**
 * @file The Gaussian error linear unit, reference kernels: the exact one, and the older formula by
 * tanh that GPT-2 was trained with.
 *
 * What is saved for the backward pass is the table's own choice: here x, in the fast tables the slope,
 * of which the forward pass knows the larger part.
 *
 * Reference: https://arxiv.org/abs/1606.08415
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { erfc } from '../../numerics/erfc.ts'
import { exp } from '../../numerics/exp.ts'
import { tanh } from '../../numerics/tanh.ts'
import { copy } from './elementwise.ts'

const ROOT_HALF = Math.sqrt(0.5)
const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327
const ROOT_TWO_OVER_PI = 0.7978845608028654
const CUBIC = 0.044715

/** y = x * Phi(x), with Phi(x) = erfc(-x / sqrt(2)) / 2, the normal distribution. */
export function geluForward(
  y: FloatArray, // (n)
  saved: FloatArray | null, // (n), for the backward pass; null where there is none
  x: FloatArray, // (n)
  n: number,
): void {
  if (saved) copy(saved, x, n)
  for (let i = 0; i < n; i++) y[i] = 0.5 * x[i] * erfc(-x[i] * ROOT_HALF)
}

/** From y = x * Phi(x):  dx = dy * (Phi(x) + x * exp(-x^2 / 2) / sqrt(2 pi)). */
export function geluBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  x: FloatArray, // (n), what the forward pass has saved
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const value = x[i]
    const density = ONE_OVER_ROOT_TWO_PI * exp(-0.5 * value * value)
    dx[i] = dy[i] * (0.5 * erfc(-value * ROOT_HALF) + value * density)
  }
}

/** y = x / 2 * (1 + tanh u), with u = sqrt(2 / pi) * (x + 0.044715 x^3). */
export function geluTanhForward(
  y: FloatArray, // (n)
  saved: FloatArray | null, // (n), for the backward pass; null where there is none
  x: FloatArray, // (n)
  n: number,
): void {
  if (saved) copy(saved, x, n)
  for (let i = 0; i < n; i++) {
    const value = x[i]
    const u = ROOT_TWO_OVER_PI * (value + CUBIC * value * value * value)
    y[i] = 0.5 * value * (1 + tanh(u))
  }
}

/**
 * From y = x / 2 * (1 + t), t = tanh u:
 * dx = dy * ((1 + t) / 2 + x / 2 * (1 - t^2) * sqrt(2 / pi) * (1 + 3 * 0.044715 x^2)).
 */
export function geluTanhBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  x: FloatArray, // (n), what the forward pass has saved
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const value = x[i]
    const t = tanh(ROOT_TWO_OVER_PI * (value + CUBIC * value * value * value))
    const slope = ROOT_TWO_OVER_PI * (1 + 3 * CUBIC * value * value)
    dx[i] = dy[i] * 0.5 * (1 + t + value * (1 - t * t) * slope)
  }
}
