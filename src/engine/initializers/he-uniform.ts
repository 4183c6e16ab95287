/** @file He and others: keeps the variance of ReLU networks, where half of the values are zero. */
import { fillUniform } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export function heUniform(): Initializer {
  return {
    definition: { type: 'he_uniform' },
    fill(values, { fanIn }, random) {
      const bound = Math.sqrt(6 / fanIn)
      fillUniform(values, random, -bound, bound)
    },
  }
}
