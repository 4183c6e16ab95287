/** @file The rectifier, reference kernels. */
import type { FloatArray } from '../../memory/float-array.ts'

/** y = max(x, 0). NaN stays NaN, and -0 becomes 0. */
export function reluForward(
  y: FloatArray, // (n)
  x: FloatArray, // (n)
  n: number,
): void {
  for (let i = 0; i < n; i++) y[i] = x[i] <= 0 ? 0 : x[i]
}

/** From y = max(x, 0):  dx = dy where y > 0, and 0 elsewhere, also at x = 0. */
export function reluBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  y: FloatArray, // (n), of the forward pass
  n: number,
): void {
  for (let i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : 0
}
