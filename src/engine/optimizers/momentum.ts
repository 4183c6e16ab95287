/**
 * @file Gradient descent with momentum, in PyTorch's form: the velocity gathers whole gradients, so
 * the steps are up to 1 / (1 - momentum) times as long as without.
 */
import type { Kernels } from '../kernels/kernels.ts'
import { requireOption } from '../require-option.ts'
import type { DecayedParameters, Optimizer, OptimizerStep, ParameterGroup } from './optimizer.ts'

export interface MomentumOptions {
  /** 0.9 when not given. */
  readonly momentum?: number
  /** Added to the gradient, times the parameter. */
  readonly weightDecay?: number
  readonly decays?: DecayedParameters
}

export function momentum(options: MomentumOptions = {}): Optimizer {
  return withMomentum('momentum', false, options)
}

/** Shared by momentum and nesterov, which differ in one flag of the kernel. */
export function withMomentum(
  type: 'momentum' | 'nesterov',
  looksAhead: boolean,
  { momentum: factor = 0.9, weightDecay = 0, decays = 'all' }: MomentumOptions,
): Optimizer {
  requireOption(type, 'momentum', factor, { min: 0, max: 1, belowMax: true })
  requireOption(type, 'weightDecay', weightDecay, { min: 0 })
  return {
    definition: { type, momentum: factor, weightDecay, decays },
    slots: ['velocity'],
    factors: [],
    decays,
    flopsPerParameter: 6,
    bind(group: ParameterGroup, kernels: Kernels): OptimizerStep {
      const { p, g, slots } = group
      const [v] = slots
      const decay = group.decays ? weightDecay : 0
      return (learningRate) =>
        kernels.momentumStep(p, v, g, learningRate, factor, looksAhead, decay, p.length)
    },
  }
}
