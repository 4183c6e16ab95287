/** @file Normal around zero, with a given deviation: as embeddings and GPTs start. */
import { requireOption } from '../require-option.ts'
import { fillNormal } from './distributions.ts'
import type { Initializer } from './initializer.ts'

export interface NormalOptions {
  /** 1 when not given. */
  readonly deviation?: number
}

export function normal({ deviation = 1 }: NormalOptions = {}): Initializer {
  requireOption('normal', 'deviation', deviation, { min: 0 })
  return {
    definition: { type: 'normal', deviation },
    fill(values, _fans, random) {
      fillNormal(values, random, deviation)
    },
  }
}
