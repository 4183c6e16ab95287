/** @file All zeros: for biases. Weights that start equal stay equal. */
import type { Initializer } from './initializer.ts'

export function zeros(): Initializer {
  return {
    definition: { type: 'zeros' },
    fill(values) {
      values.fill(0)
    },
  }
}
