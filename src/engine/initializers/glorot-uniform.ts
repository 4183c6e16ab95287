/** @file Glorot and Bengio: keeps the variance of sigmoid and tanh networks, forward and backward. */
import { fillUniform } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export function glorotUniform(): Initializer {
  return {
    definition: { type: 'glorot_uniform' },
    fill(values, { fanIn, fanOut }, random) {
      const bound = Math.sqrt(6 / (fanIn + fanOut))
      fillUniform(values, random, -bound, bound)
    },
  }
}
