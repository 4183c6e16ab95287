/** @file As PyTorch's Linear starts, weights and biases alike: within 1 / sqrt(fanIn). The default. */
import { fillUniform } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export function torchLinear(): Initializer {
  return {
    definition: { type: 'torch_linear' },
    fill(values, { fanIn }, random) {
      const bound = 1 / Math.sqrt(fanIn)
      fillUniform(values, random, -bound, bound)
    },
  }
}
