/** @file The logistic activation, 1 / (1 + exp(-x)): into (0, 1). */
import { elementwise } from './elementwise.ts'
import type { Layer } from './layer.ts'

export function sigmoid(): Layer {
  return elementwise({
    definition: { type: 'sigmoid' },
    flopsPerElement: 20,
    kernelsOf: (kernels) => ({
      forward: kernels.sigmoidForward,
      backward: kernels.sigmoidBackward,
    }),
  })
}
