/**
 * @file Gradient descent with momentum, in PyTorch's form: the velocity gathers whole gradients, so
 * the steps are up to 1 / (1 - momentum) times as long as without.
 */
import { type MomentumOptions, momentumFamily } from './momentum-family.ts'
import type { Optimizer } from './optimizer.ts'

export function momentum(options: MomentumOptions = {}): Optimizer {
  return momentumFamily('momentum', options)
}
