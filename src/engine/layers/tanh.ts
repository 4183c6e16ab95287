/** @file The hyperbolic tangent as an activation: into (-1, 1). */
import { elementwise } from './elementwise.ts'
import type { Layer } from './layer.ts'

export function tanh(): Layer {
  return elementwise({
    definition: { type: 'tanh' },
    flopsPerElement: 20,
    kernelsOf: (kernels) => ({ forward: kernels.tanhForward, backward: kernels.tanhBackward }),
  })
}
