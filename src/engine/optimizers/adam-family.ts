/** @file What adam and adamw share: all but where the weight decay goes. */
import { requireOption } from '../require-option.ts'
import type { DecayedParameters, Optimizer } from './optimizer.ts'

export interface AdamOptions {
  /** 0.9 when not given. */
  readonly beta1?: number
  /** 0.999 when not given. */
  readonly beta2?: number
  /** 1e-8 when not given. */
  readonly eps?: number
  readonly weightDecay?: number
  readonly decays?: DecayedParameters
}

export function adamFamily(
  type: 'adam' | 'adamw',
  options: AdamOptions & { readonly weightDecay: number },
): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay, decays = 'all' } = options
  requireOption(type, 'beta1', beta1, { min: 0, max: 1, belowMax: true })
  requireOption(type, 'beta2', beta2, { min: 0, max: 1, belowMax: true })
  requireOption(type, 'eps', eps, { min: 0 })
  requireOption(type, 'weightDecay', weightDecay, { min: 0 })
  return {
    definition: { type, beta1, beta2, eps, weightDecay, decays },
    slots: ['m', 'v'],
    factors: [beta1, beta2],
    decays,
    flopsPerParameter: 14,
    bind(group, kernels) {
      const { p, g, slots } = group
      const [m, v] = slots
      const weight = group.decays ? weightDecay : 0
      const [l2, decay] = type === 'adam' ? [weight, 0] : [0, weight]
      return (rate, products) => {
        const mScale = 1 / (1 - products[0])
        const vScale = 1 / (1 - products[1])
        kernels.adamStep(p, m, v, g, rate, beta1, beta2, eps, mScale, vScale, l2, decay, p.length)
      }
    },
  }
}
