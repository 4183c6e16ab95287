/** @file Glorot and Bengio, from a normal distribution. */
import { fillNormal } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export function glorotNormal(): Initializer {
  return {
    definition: { type: 'glorot_normal' },
    fill(values, { fanIn, fanOut }, random) {
      fillNormal(values, random, Math.sqrt(2 / (fanIn + fanOut)))
    },
  }
}
