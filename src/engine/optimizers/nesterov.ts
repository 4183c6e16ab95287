/** @file Momentum that looks ahead: the gradient is taken, in effect, where the velocity leads. */
import { type MomentumOptions, momentumFamily } from './momentum-family.ts'
import type { Optimizer } from './optimizer.ts'

export function nesterov(options: MomentumOptions = {}): Optimizer {
  return momentumFamily('nesterov', options)
}
