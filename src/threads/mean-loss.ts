/**
 * @file The mean loss of predictions, for the report on the final weights: over probabilities, or over
 * quantities as the network sees them. Training computes its own losses, from logits.
 */
import type { LossName } from '../contract/spec/spec.ts'

/** Below the smallest positive float32, so that a probability that rounded to 0 still has a logarithm. */
const tiny = 1e-45

export function meanLoss(
  name: LossName,
  outputs: Float32Array, // (rows, outputs), after the last activation
  targets: ArrayLike<number>, // (rows), or (rows, outputs) for quantities
): number {
  return sumOfLosses(name, outputs, targets) / targets.length
}

function sumOfLosses(name: LossName, outputs: Float32Array, targets: ArrayLike<number>): number {
  let sum = 0
  switch (name) {
    case 'mean_squared_error':
      for (let i = 0; i < targets.length; i++) {
        const difference = outputs[i] - targets[i]
        sum += difference * difference
      }
      return sum
    case 'binary_cross_entropy':
      for (let i = 0; i < targets.length; i++) {
        sum -= Math.log(Math.max(targets[i] === 1 ? outputs[i] : 1 - outputs[i], tiny))
      }
      return sum
    case 'categorical_cross_entropy': {
      const classes = outputs.length / targets.length
      for (let row = 0; row < targets.length; row++) {
        sum -= Math.log(Math.max(outputs[row * classes + targets[row]], tiny))
      }
      return sum
    }
    default:
      return name satisfies never
  }
}
