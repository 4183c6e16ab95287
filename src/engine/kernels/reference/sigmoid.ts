/** @file The logistic function, reference kernels. */

import type { FloatArray } from '../../memory/float-array.ts'
import { sigmoid } from '../../numerics/sigmoid.ts'

/** y = 1 / (1 + exp(-x)) */
export function sigmoidForward(
  y: FloatArray, // (n)
  x: FloatArray, // (n)
  n: number,
): void {
  for (let i = 0; i < n; i++) y[i] = sigmoid(x[i])
}

/** From y = 1 / (1 + exp(-x)):  dx = dy * y * (1 - y). */
export function sigmoidBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  y: FloatArray, // (n), of the forward pass
  n: number,
): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * y[i] * (1 - y[i])
}
