/**
 * @file RMSprop, reference kernels.
 *
 * Reference: https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
 */
import type { FloatArray } from '../../memory/float-array.ts'

/** g <- g + weightDecay * p;  s <- alpha * s + (1 - alpha) * g^2;  p <- p - lr * g / (sqrt(s) + eps). */
export function rmspropStep(
  p: FloatArray, // (n)
  s: FloatArray, // (n), the mean square
  g: FloatArray, // (n)
  learningRate: number,
  alpha: number,
  eps: number,
  weightDecay: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const gradient = g[i] + weightDecay * p[i]
    const square = alpha * s[i] + (1 - alpha) * gradient * gradient
    s[i] = square
    p[i] -= (learningRate * gradient) / (Math.sqrt(square) + eps)
  }
}

/** The same, through a velocity:  u <- momentum * u + g / (sqrt(s) + eps);  p <- p - lr * u. */
export function rmspropMomentumStep(
  p: FloatArray, // (n)
  s: FloatArray, // (n), the mean square
  u: FloatArray, // (n), the velocity
  g: FloatArray, // (n)
  learningRate: number,
  alpha: number,
  eps: number,
  momentum: number,
  weightDecay: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const gradient = g[i] + weightDecay * p[i]
    const square = alpha * s[i] + (1 - alpha) * gradient * gradient
    const velocity = momentum * u[i] + gradient / (Math.sqrt(square) + eps)
    s[i] = square
    u[i] = velocity
    p[i] -= learningRate * velocity
  }
}
