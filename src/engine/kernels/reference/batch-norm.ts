/**
 * @file Batch normalization, reference kernels: each channel to zero mean and unit variance over the
 * batch, then a learned scale and shift. S is how many numbers a channel has in one sample: H * W, or 1.
 *
 * Reference: https://arxiv.org/abs/1502.03167
 */
import type { FloatArray } from '../../memory/float-array.ts'

/**
 * y = (x - mean) * rstd * weight + bias, with the mean and rstd = 1 / sqrt(variance + epsilon) of the
 * batch. The running statistics move towards the batch's by `momentum`; as in PyTorch, the variance
 * that they get is the unbiased one. Of a single number there is none: it stays as it is.
 */
export function batchNormForward(
  y: FloatArray, // (N, C, S)
  mean: FloatArray, // (C), saved for the backward pass
  rstd: FloatArray, // (C), saved for the backward pass
  runningMean: FloatArray, // (C)
  runningVariance: FloatArray, // (C)
  x: FloatArray, // (N, C, S)
  weight: FloatArray, // (C)
  bias: FloatArray, // (C)
  epsilon: number,
  momentum: number,
  N: number,
  C: number,
  S: number,
): void {
  const count = N * S
  for (let c = 0; c < C; c++) {
    let sum = 0
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) sum += x[(n * C + c) * S + s]
    }
    const m = sum / count

    let squares = 0
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) {
        const distance = x[(n * C + c) * S + s] - m
        squares += distance * distance
      }
    }
    const r = 1 / Math.sqrt(squares / count + epsilon)

    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) {
        const at = (n * C + c) * S + s
        y[at] = (x[at] - m) * r * weight[c] + bias[c]
      }
    }
    mean[c] = m
    rstd[c] = r
    runningMean[c] += momentum * (m - runningMean[c])
    if (count > 1) runningVariance[c] += momentum * (squares / (count - 1) - runningVariance[c])
  }
}

/** y = (x - runningMean) / sqrt(runningVariance + epsilon) * weight + bias. */
export function batchNormEvaluate(
  y: FloatArray, // (N, C, S)
  x: FloatArray, // (N, C, S)
  runningMean: FloatArray, // (C)
  runningVariance: FloatArray, // (C)
  weight: FloatArray, // (C)
  bias: FloatArray, // (C)
  epsilon: number,
  N: number,
  C: number,
  S: number,
): void {
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const r = 1 / Math.sqrt(runningVariance[c] + epsilon)
      for (let s = 0; s < S; s++) {
        const at = (n * C + c) * S + s
        y[at] = (x[at] - runningMean[c]) * r * weight[c] + bias[c]
      }
    }
  }
}

/**
 * The forward pass was  xhat = (x - mean) * rstd;  y = xhat * weight + bias. So
 * dbias += sum of dy, dweight += sum of dy * xhat, and, with means over the channel's N * S numbers,
 * dx = weight * rstd * (dy - mean(dy) - xhat * mean(dy * xhat)).
 */
export function batchNormBackward(
  dx: FloatArray | null, // (N, C, S)
  dweight: FloatArray, // (C)
  dbias: FloatArray, // (C)
  dy: FloatArray, // (N, C, S)
  x: FloatArray, // (N, C, S)
  mean: FloatArray, // (C), of the forward pass
  rstd: FloatArray, // (C), of the forward pass
  weight: FloatArray, // (C)
  N: number,
  C: number,
  S: number,
): void {
  const count = N * S
  for (let c = 0; c < C; c++) {
    let sum = 0
    let product = 0 // of dy and xhat
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) {
        const at = (n * C + c) * S + s
        sum += dy[at]
        product += dy[at] * (x[at] - mean[c]) * rstd[c]
      }
    }
    dbias[c] += sum
    dweight[c] += product
    if (!dx) continue
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) {
        const at = (n * C + c) * S + s
        const xhat = (x[at] - mean[c]) * rstd[c]
        dx[at] = weight[c] * rstd[c] * (dy[at] - sum / count - (xhat * product) / count)
      }
    }
  }
}
