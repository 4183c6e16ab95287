/** @file Stochastic gradient descent: p <- p - learningRate * g. */
import { requireOption } from '../require-option.ts'
import type { DecayedParameters, Optimizer } from './optimizer.ts'

export interface SgdOptions {
  /** Added to the gradient, times the parameter. */
  readonly weightDecay?: number
  readonly decays?: DecayedParameters
}

export function sgd({ weightDecay = 0, decays = 'all' }: SgdOptions = {}): Optimizer {
  requireOption('sgd', 'weightDecay', weightDecay, { min: 0 })
  return {
    definition: { type: 'sgd', weightDecay, decays },
    slots: [],
    factors: [],
    decays,
    flopsPerParameter: 4,
    bind(group, kernels) {
      const { p, g } = group
      const decay = group.decays ? weightDecay : 0
      return (learningRate) => kernels.sgdStep(p, g, learningRate, decay, p.length)
    },
  }
}
