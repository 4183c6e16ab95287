/** @file Softmax along the rows, reference kernels. */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'

/** y = exp(x - max) / sum of exp(x - max), row by row: no exponent is above zero. */
export function softmaxForward(
  y: FloatArray, // (N, C)
  x: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  for (let row = 0; row < N * C; row += C) {
    let max = x[row]
    for (let c = 1; c < C; c++) if (x[row + c] > max) max = x[row + c]
    let sum = 0
    for (let c = 0; c < C; c++) {
      const e = exp(x[row + c] - max)
      y[row + c] = e
      sum += e
    }
    for (let c = 0; c < C; c++) y[row + c] /= sum
  }
}

/** From y = softmax(x):  dx = y * (dy - sum of dy * y), row by row. */
export function softmaxBackward(
  dx: FloatArray, // (N, C)
  dy: FloatArray, // (N, C)
  y: FloatArray, // (N, C), of the forward pass
  N: number,
  C: number,
): void {
  for (let row = 0; row < N * C; row += C) {
    let dot = 0
    for (let c = 0; c < C; c++) dot += dy[row + c] * y[row + c]
    for (let c = 0; c < C; c++) dx[row + c] = y[row + c] * (dy[row + c] - dot)
  }
}
