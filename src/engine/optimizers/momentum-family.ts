/** @file What momentum and nesterov share: all but one flag of the kernel. */
import { requireOption } from '../require-option.ts'
import type { DecayedParameters, Optimizer } from './optimizer.ts'

export interface MomentumOptions {
  /** 0.9 when not given. */
  readonly momentum?: number
  /** Added to the gradient, times the parameter. */
  readonly weightDecay?: number
  readonly decays?: DecayedParameters
}

export function momentumFamily(
  type: 'momentum' | 'nesterov',
  { momentum = 0.9, weightDecay = 0, decays = 'all' }: MomentumOptions,
): Optimizer {
  requireOption(type, 'momentum', momentum, { min: 0, max: 1, belowMax: true })
  requireOption(type, 'weightDecay', weightDecay, { min: 0 })
  const looksAhead = type === 'nesterov'
  return {
    definition: { type, momentum, weightDecay, decays },
    slots: ['velocity'],
    factors: [],
    decays,
    flopsPerParameter: 6,
    bind(group, kernels) {
      const { p, g, slots } = group
      const [v] = slots
      const decay = group.decays ? weightDecay : 0
      return (rate) => kernels.momentumStep(p, v, g, rate, momentum, looksAhead, decay, p.length)
    },
  }
}
