/** @file He and others, from a normal distribution. */
import { fillNormal } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export function heNormal(): Initializer {
  return {
    definition: { type: 'he_normal' },
    fill(values, { fanIn }, random) {
      fillNormal(values, random, Math.sqrt(2 / fanIn))
    },
  }
}
