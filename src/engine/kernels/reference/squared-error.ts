/** @file The squared error, reference kernels. */
import type { FloatArray } from '../../memory/float-array.ts'

/** losses[n] = sum over c of (y[n, c] - targets[n, c])^2. The mean over N * C is the caller's. */
export function squaredErrorForward(
  losses: FloatArray, // (N)
  y: FloatArray, // (N, C)
  targets: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    let sum = 0
    for (let c = 0; c < C; c++) {
      const error = y[row + c] - targets[row + c]
      sum += error * error
    }
    losses[n] = sum
  }
}

/** From loss = mean over N * C of (y - targets)^2:  dy = 2 (y - targets) / (N * C). */
export function squaredErrorBackward(
  dy: FloatArray, // (N, C)
  y: FloatArray, // (N, C)
  targets: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  const n = N * C
  for (let i = 0; i < n; i++) dy[i] = (2 * (y[i] - targets[i])) / n
}
