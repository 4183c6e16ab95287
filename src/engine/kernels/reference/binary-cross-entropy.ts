/**
 * @file Binary cross-entropy fused with the sigmoid before it, reference kernels: they take logits,
 * so a confident answer neither overflows nor loses its gradient.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'
import { log1p } from '../../numerics/log1p.ts'
import { sigmoid } from '../../numerics/sigmoid.ts'

/**
 * With p = sigmoid(x):  losses[n] = sum over c of -t log p - (1 - t) log(1 - p)
 *                                 = sum over c of max(x, 0) - x t + log(1 + exp(-|x|)).
 */
export function binaryCrossEntropyForward(
  losses: FloatArray, // (N)
  x: FloatArray, // (N, C), logits
  targets: FloatArray, // (N, C), in [0, 1]
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const row = n * C
    let sum = 0
    for (let c = 0; c < C; c++) {
      const logit = x[row + c]
      const positive = logit <= 0 ? 0 : logit
      sum += positive - logit * targets[row + c] + log1p(exp(-Math.abs(logit)))
    }
    losses[n] = sum
  }
}

/** From loss = mean over N * C of the above:  dx = (sigmoid(x) - t) / (N * C). */
export function binaryCrossEntropyBackward(
  dx: FloatArray, // (N, C)
  x: FloatArray, // (N, C), logits
  targets: FloatArray, // (N, C)
  N: number,
  C: number,
): void {
  const n = N * C
  for (let i = 0; i < n; i++) dx[i] = (sigmoid(x[i]) - targets[i]) / n
}

/** How many logits lie on their target's side of zero. */
export function countCorrectSigns(
  x: FloatArray, // (n), logits
  targets: FloatArray, // (n)
  n: number,
): number {
  let correct = 0
  for (let i = 0; i < n; i++) if (x[i] > 0 === targets[i] > 0.5) correct += 1
  return correct
}
