/** @file The hyperbolic tangent, reference kernels. */

import type { FloatArray } from '../../memory/float-array.ts'
import { tanh } from '../../numerics/tanh.ts'

/** y = tanh(x) */
export function tanhForward(
  y: FloatArray, // (n)
  x: FloatArray, // (n)
  n: number,
): void {
  for (let i = 0; i < n; i++) y[i] = tanh(x[i])
}

/** From y = tanh(x):  dx = dy * (1 - y^2). */
export function tanhBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  y: FloatArray, // (n), of the forward pass
  n: number,
): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * (1 - y[i] * y[i])
}
