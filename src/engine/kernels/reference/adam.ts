/**
 * @file Adam and AdamW, reference kernel.
 *
 * References: https://arxiv.org/abs/1412.6980, https://arxiv.org/abs/1711.05101
 */
import type { FloatArray } from '../../memory/float-array.ts'

/**
 *   g <- g + l2 * p                        (Adam's weight decay, part of the gradient)
 *   p <- p - learningRate * decay * p      (AdamW's, kept out of the moments)
 *   m <- beta1 * m + (1 - beta1) * g
 *   v <- beta2 * v + (1 - beta2) * g^2
 *   p <- p - learningRate * mScale * m / (sqrt(v * vScale) + eps)
 *
 * mScale = 1 / (1 - beta1^t) and vScale = 1 / (1 - beta2^t) correct for having started at zero.
 */
export function adamStep(
  p: FloatArray, // (n)
  m: FloatArray, // (n)
  v: FloatArray, // (n)
  g: FloatArray, // (n)
  learningRate: number,
  beta1: number,
  beta2: number,
  eps: number,
  mScale: number,
  vScale: number,
  l2: number,
  decay: number,
  n: number,
): void {
  const keep = 1 - learningRate * decay
  for (let i = 0; i < n; i++) {
    const gradient = g[i] + l2 * p[i]
    const mean = beta1 * m[i] + (1 - beta1) * gradient
    const square = beta2 * v[i] + (1 - beta2) * gradient * gradient
    m[i] = mean
    v[i] = square
    p[i] = p[i] * keep - (learningRate * mScale * mean) / (Math.sqrt(square * vScale) + eps)
  }
}
