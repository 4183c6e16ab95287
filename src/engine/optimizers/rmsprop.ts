/** @file RMSprop, in PyTorch's form: gradients divided by the root of their running mean square. */
import type { Kernels } from '../kernels/kernels.ts'
import { requireOption } from '../require-option.ts'
import type { DecayedParameters, Optimizer, OptimizerStep, ParameterGroup } from './optimizer.ts'

export interface RmspropOptions {
  /** How much of the mean square stays at each step; 0.99 when not given. */
  readonly alpha?: number
  /** 1e-8 when not given. */
  readonly eps?: number
  /** 0 when not given. */
  readonly momentum?: number
  readonly weightDecay?: number
  readonly decays?: DecayedParameters
}

export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { alpha = 0.99, eps = 1e-8, momentum = 0, weightDecay = 0, decays = 'all' } = options
  requireOption('rmsprop', 'alpha', alpha, { min: 0, max: 1, belowMax: true })
  requireOption('rmsprop', 'eps', eps, { min: 0 })
  requireOption('rmsprop', 'momentum', momentum, { min: 0, max: 1, belowMax: true })
  requireOption('rmsprop', 'weightDecay', weightDecay, { min: 0 })
  const settings = { alpha, eps, momentum, weightDecay }
  return {
    definition: { type: 'rmsprop', ...settings, decays },
    slots: momentum > 0 ? ['square', 'velocity'] : ['square'],
    factors: [],
    decays,
    flopsPerParameter: 9,
    bind: (group, kernels) => bindRmsprop(group, kernels, settings),
  }
}

function bindRmsprop(
  group: ParameterGroup,
  kernels: Kernels,
  { alpha, eps, momentum, weightDecay }: Required<Omit<RmspropOptions, 'decays'>>,
): OptimizerStep {
  const { p, g, slots } = group
  const [s, u] = slots
  const decay = group.decays ? weightDecay : 0
  const n = p.length
  return momentum > 0
    ? (rate) => kernels.rmspropMomentumStep(p, s, u, g, rate, alpha, eps, momentum, decay, n)
    : (rate) => kernels.rmspropStep(p, s, g, rate, alpha, eps, decay, n)
}
