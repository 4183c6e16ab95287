/**
 * @file Root mean square normalization, reference kernels: every row to a mean square of one, then a
 * learned scale. Nothing is subtracted.
 *
 * Reference: https://arxiv.org/abs/1910.07467
 */
import type { FloatArray } from '../../memory/float-array.ts'

/** y = x * rrms * weight, with rrms = 1 / sqrt(mean of x^2 + epsilon), row by row. */
export function rmsNormForward(
  y: FloatArray, // (N, C)
  rrms: FloatArray, // (N), saved for the backward pass
  x: FloatArray, // (N, C)
  weight: FloatArray, // (C)
  epsilon: number,
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    let squares = 0
    for (let c = 0; c < C; c++) squares += x[row + c] * x[row + c]
    const r = 1 / Math.sqrt(squares / C + epsilon)
    for (let c = 0; c < C; c++) y[row + c] = x[row + c] * r * weight[c]
    rrms[n] = r
  }
}

/**
 * From xhat = x * rrms, y = xhat * weight, with g = dy * weight:
 * dx = rrms * (g - xhat * mean of g * xhat), row by row.
 */
export function rmsNormBackwardInput(
  dx: FloatArray, // (N, C)
  dy: FloatArray, // (N, C)
  rrms: FloatArray, // (N), of the forward pass
  x: FloatArray, // (N, C)
  weight: FloatArray, // (C)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    const r = rrms[n]
    let gxSum = 0
    for (let c = 0; c < C; c++) gxSum += dy[row + c] * weight[c] * x[row + c] * r
    for (let c = 0; c < C; c++) {
      dx[row + c] = r * (dy[row + c] * weight[c] - (x[row + c] * r * gxSum) / C)
    }
  }
}

/** From y = xhat * weight:  dweight += sum over n of dy * xhat. */
export function rmsNormBackwardWeight(
  dweight: FloatArray, // (C)
  dy: FloatArray, // (N, C)
  rrms: FloatArray, // (N)
  x: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  for (let c = 0; c < C; c++) {
    let sum = 0
    for (let n = 0; n < N; n++) sum += dy[n * C + c] * x[n * C + c] * rrms[n]
    dweight[c] += sum
  }
}
