/** @file The rectifier as an activation, max(x, 0). */
import { elementwise } from './elementwise.ts'
import type { Layer } from './layer.ts'

export function relu(): Layer {
  return elementwise({
    definition: { type: 'relu' },
    flopsPerElement: 1,
    kernelsOf: (kernels) => ({ forward: kernels.reluForward, backward: kernels.reluBackward }),
  })
}
