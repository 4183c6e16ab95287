/** @file Uniform between two given bounds. */
import { EngineError } from '../errors.ts'
import { requireOption } from '../require-option.ts'
import { fillUniform } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export interface UniformOptions {
  readonly low: number
  readonly high: number
}

export function uniform({ low, high }: UniformOptions): Initializer {
  requireOption('uniform', 'low', low, {})
  requireOption('uniform', 'high', high, {})
  if (low > high) {
    throw new EngineError(
      'invalid_definition',
      `uniform: low must not be above high, got ${low} and ${high}.`,
    )
  }
  return {
    definition: { type: 'uniform', low, high },
    fill(values, _fans, random) {
      fillUniform(values, random, low, high)
    },
  }
}
