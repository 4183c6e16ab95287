/** @file The activation that turns outputs into predictions; a network that ends in logits gets it. */
import type { LossName } from '../contract/spec/spec.ts'

export const finalActivations = {
  mean_squared_error: 'none',
  binary_cross_entropy: 'sigmoid',
  categorical_cross_entropy: 'softmax',
} as const satisfies Record<LossName, string>
