/** @file Gradient descent, with and without momentum, reference kernels. */
import type { FloatArray } from '../../memory/float-array.ts'

/** g <- g + weightDecay * p;  p <- p - learningRate * g. */
export function sgdStep(
  p: FloatArray, // (n)
  g: FloatArray, // (n)
  learningRate: number,
  weightDecay: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) p[i] -= learningRate * (g[i] + weightDecay * p[i])
}

/**
 * g <- g + weightDecay * p;  v <- momentum * v + g;
 * p <- p - learningRate * v, or, with Nesterov's look ahead, p - learningRate * (g + momentum * v).
 */
export function momentumStep(
  p: FloatArray, // (n)
  v: FloatArray, // (n), the velocity
  g: FloatArray, // (n)
  learningRate: number,
  momentum: number,
  nesterov: boolean,
  weightDecay: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const gradient = g[i] + weightDecay * p[i]
    const velocity = momentum * v[i] + gradient
    v[i] = velocity
    p[i] -= learningRate * (nesterov ? gradient + momentum * velocity : velocity)
  }
}
