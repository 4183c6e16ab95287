/**
 * @file The affine map, reference kernels. W is stored as (O, I), as PyTorch does.
 *
 * Four outputs or four rows are taken at a time, for speed alone: each sum still runs in the order of
 * its index. dx is assigned, for an activation has one reader; dW and db are added to, for a
 * parameter may have several: the trainer clears them.
 */
import type { FloatArray } from '../../memory/float-array.ts'

/** y[n, o] = sum over i of x[n, i] * W[o, i], plus b[o]. */
export function denseForward(
  y: FloatArray, // (N, O)
  x: FloatArray, // (N, I)
  weight: FloatArray, // (O, I)
  bias: FloatArray | null, // (O)
  N: number,
  I: number,
  O: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * I // x[n, :] starts here
    let o = 0
    for (; o + 4 <= O; o += 4) {
      const w0 = o * I
      const w1 = w0 + I
      const w2 = w1 + I
      const w3 = w2 + I
      let sum0 = 0
      let sum1 = 0
      let sum2 = 0
      let sum3 = 0
      for (let i = 0; i < I; i++) {
        const value = x[row + i]
        sum0 += value * weight[w0 + i]
        sum1 += value * weight[w1 + i]
        sum2 += value * weight[w2 + i]
        sum3 += value * weight[w3 + i]
      }
      const out = n * O + o
      y[out] = bias ? sum0 + bias[o] : sum0
      y[out + 1] = bias ? sum1 + bias[o + 1] : sum1
      y[out + 2] = bias ? sum2 + bias[o + 2] : sum2
      y[out + 3] = bias ? sum3 + bias[o + 3] : sum3
    }
    for (; o < O; o++) {
      let sum = 0
      for (let i = 0; i < I; i++) sum += x[row + i] * weight[o * I + i]
      y[n * O + o] = bias ? sum + bias[o] : sum
    }
  }
}

/** From y = x W^T + b:  dx[n, i] = sum over o of dy[n, o] * W[o, i]. */
export function denseBackwardInput(
  dx: FloatArray, // (N, I)
  dy: FloatArray, // (N, O)
  weight: FloatArray, // (O, I)
  N: number,
  I: number,
  O: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * I // dx[n, :] starts here
    for (let i = 0; i < I; i++) dx[row + i] = 0
    let o = 0
    for (; o + 4 <= O; o += 4) {
      const w0 = o * I
      const w1 = w0 + I
      const w2 = w1 + I
      const w3 = w2 + I
      const d0 = dy[n * O + o]
      const d1 = dy[n * O + o + 1]
      const d2 = dy[n * O + o + 2]
      const d3 = dy[n * O + o + 3]
      for (let i = 0; i < I; i++) {
        dx[row + i] +=
          d0 * weight[w0 + i] + d1 * weight[w1 + i] + d2 * weight[w2 + i] + d3 * weight[w3 + i]
      }
    }
    for (; o < O; o++) {
      const d = dy[n * O + o]
      for (let i = 0; i < I; i++) dx[row + i] += d * weight[o * I + i]
    }
  }
}

/** From y = x W^T + b:  dW[o, i] += sum over n of dy[n, o] * x[n, i];  db[o] += sum of dy[n, o]. */
export function denseBackwardParameters(
  dweight: FloatArray, // (O, I)
  dbias: FloatArray | null, // (O)
  dy: FloatArray, // (N, O)
  x: FloatArray, // (N, I)
  N: number,
  I: number,
  O: number,
): void {
  for (let o = 0; o < O; o++) {
    const w = o * I // dW[o, :] starts here
    let dbiasSum = 0
    let n = 0
    for (; n + 4 <= N; n += 4) {
      const d0 = dy[n * O + o]
      const d1 = dy[(n + 1) * O + o]
      const d2 = dy[(n + 2) * O + o]
      const d3 = dy[(n + 3) * O + o]
      const x0 = n * I
      const x1 = x0 + I
      const x2 = x1 + I
      const x3 = x2 + I
      for (let i = 0; i < I; i++) {
        dweight[w + i] += d0 * x[x0 + i] + d1 * x[x1 + i] + d2 * x[x2 + i] + d3 * x[x3 + i]
      }
      dbiasSum += d0 + d1 + d2 + d3
    }
    for (; n < N; n++) {
      const d = dy[n * O + o]
      for (let i = 0; i < I; i++) dweight[w + i] += d * x[n * I + i]
      dbiasSum += d
    }
    if (dbias) dbias[o] += dbiasSum
  }
}
