/** @file All ones: for the scale of a norm, which then starts as the identity. */
import type { Initializer } from './initializer.ts'

export function ones(): Initializer {
  return {
    definition: { type: 'ones' },
    fill(values) {
      values.fill(1)
    },
  }
}
