/**
 * @file The Gaussian error linear unit as an activation, x * Phi(x).
 *
 * `approximate: 'tanh'` is the older formula, for weights that were trained with it, such as GPT-2's.
 */
import { elementwise } from './elementwise.ts'
import type { Layer } from './layer.ts'

export interface GeluOptions {
  readonly approximate?: 'none' | 'tanh'
}

export function gelu({ approximate = 'none' }: GeluOptions = {}): Layer {
  return elementwise({
    definition: { type: 'gelu', approximate },
    backwardReads: 'input',
    flopsPerElement: 40,
    kernelsOf: (kernels) =>
      approximate === 'tanh'
        ? { forward: kernels.geluTanhForward, backward: kernels.geluTanhBackward }
        : { forward: kernels.geluForward, backward: kernels.geluBackward },
  })
}
