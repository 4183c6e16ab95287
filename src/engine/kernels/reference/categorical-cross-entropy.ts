/**
 * @file Categorical cross-entropy fused with the softmax before it, reference kernels: they take
 * logits, so a confident answer neither overflows nor loses its gradient.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'
import { log } from '../../numerics/log.ts'

/** losses[n] = log(sum over c of exp(x[n, c] - max)) - (x[n, t] - max), with t = targets[n]. */
export function categoricalCrossEntropyForward(
  losses: FloatArray, // (N)
  probabilities: FloatArray, // (N, C), saved for the backward pass
  x: FloatArray, // (N, C), logits
  targets: FloatArray, // (N), class indices
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    let max = x[row]
    for (let c = 1; c < C; c++) if (x[row + c] > max) max = x[row + c]
    let sum = 0
    for (let c = 0; c < C; c++) {
      const e = exp(x[row + c] - max)
      probabilities[row + c] = e
      sum += e
    }
    for (let c = 0; c < C; c++) probabilities[row + c] /= sum
    losses[n] = log(sum) - (x[row + targets[n]] - max)
  }
}

/** From loss = mean over N of the above:  dx = (softmax(x) - onehot(t)) / N. */
export function categoricalCrossEntropyBackward(
  dx: FloatArray, // (N, C)
  probabilities: FloatArray, // (N, C), of the forward pass
  targets: FloatArray, // (N)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    for (let c = 0; c < C; c++) {
      dx[row + c] = (probabilities[row + c] - (c === targets[n] ? 1 : 0)) / N
    }
  }
}

/** How many rows have their largest logit at their target; of equal logits the first counts. */
export function countCorrectClasses(
  x: FloatArray, // (N, C), logits
  targets: FloatArray, // (N)
  N: number,
  C: number,
): number {
  let correct = 0
  for (let n = 0; n < N; n++) {
    const row = n * C
    let best = 0
    for (let c = 1; c < C; c++) if (x[row + c] > x[row + best]) best = c
    if (best === targets[n]) correct += 1
  }
  return correct
}
