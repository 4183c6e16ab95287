/** @file Momentum that looks ahead: the gradient is taken, in effect, where the velocity leads. */
import { type MomentumOptions, withMomentum } from './momentum.ts'
import type { Optimizer } from './optimizer.ts'

export function nesterov(options: MomentumOptions = {}): Optimizer {
  return withMomentum('nesterov', true, options)
}
