/**
 * @file Layer normalization, reference kernels: every row to zero mean and unit variance, then a learned
 * scale and shift.
 *
 * Reference: https://arxiv.org/abs/1607.06450
 */
import type { FloatArray } from '../../memory/float-array.ts'

/** y = (x - mean) * rstd * weight + bias, with rstd = 1 / sqrt(variance + epsilon), row by row. */
export function layerNormForward(
  y: FloatArray, // (N, C)
  mean: FloatArray, // (N), saved for the backward pass
  rstd: FloatArray, // (N), saved for the backward pass
  x: FloatArray, // (N, C)
  weight: FloatArray, // (C)
  bias: FloatArray | null, // (C)
  epsilon: number,
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C // x[n, :] starts here
    let sum = 0
    for (let c = 0; c < C; c++) sum += x[row + c]
    const m = sum / C

    let squares = 0
    for (let c = 0; c < C; c++) squares += (x[row + c] - m) * (x[row + c] - m)
    const r = 1 / Math.sqrt(squares / C + epsilon) // population variance, as PyTorch has it

    for (let c = 0; c < C; c++) {
      const scaled = (x[row + c] - m) * r * weight[c]
      y[row + c] = bias ? scaled + bias[c] : scaled
    }
    mean[n] = m
    rstd[n] = r
  }
}

/**
 * From xhat = (x - mean) * rstd, y = xhat * weight + bias, with g = dy * weight:
 * dx = rstd * (g - mean of g - xhat * mean of g * xhat), row by row.
 */
export function layerNormBackwardInput(
  dx: FloatArray, // (N, C)
  dy: FloatArray, // (N, C)
  mean: FloatArray, // (N), of the forward pass
  rstd: FloatArray, // (N), of the forward pass
  x: FloatArray, // (N, C)
  weight: FloatArray, // (C)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    const m = mean[n]
    const r = rstd[n]
    let gSum = 0
    let gxSum = 0
    for (let c = 0; c < C; c++) {
      const g = dy[row + c] * weight[c]
      gSum += g
      gxSum += g * (x[row + c] - m) * r
    }
    for (let c = 0; c < C; c++) {
      const xhat = (x[row + c] - m) * r
      dx[row + c] = r * (dy[row + c] * weight[c] - gSum / C - (xhat * gxSum) / C)
    }
  }
}

/** From y = xhat * weight + bias:  dweight += sum over n of dy * xhat;  dbias += sum of dy. */
export function layerNormBackwardParameters(
  dweight: FloatArray, // (C)
  dbias: FloatArray | null, // (C)
  dy: FloatArray, // (N, C)
  mean: FloatArray, // (N)
  rstd: FloatArray, // (N)
  x: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  for (let c = 0; c < C; c++) {
    let weightSum = 0
    let biasSum = 0
    for (let n = 0; n < N; n++) {
      const d = dy[n * C + c]
      weightSum += d * (x[n * C + c] - mean[n]) * rstd[n]
      biasSum += d
    }
    dweight[c] += weightSum
    if (dbias) dbias[c] += biasSum
  }
}
