/** @file The learning rate falls along half a cosine, from its full height to a part of it. */
import { cosine as cosineOf } from '../numerics/sine-cosine.ts'
import { requireOption } from '../require-option.ts'
import { type Schedule, type WarmupOptions, withWarmup } from './schedule.ts'

const PI = 2 * 1.5707963267948966

export interface CosineOptions extends WarmupOptions {
  /** What is left of the rate in the end, as a part of it; 0 when not given. */
  readonly finalFactor?: number
}

export function cosine({ finalFactor = 0, warmupSteps = 0 }: CosineOptions = {}): Schedule {
  requireOption('cosine', 'finalFactor', finalFactor, { min: 0, max: 1 })
  return withWarmup(warmupSteps, { type: 'cosine', finalFactor }, (at, steps) => {
    const progress = (at - warmupSteps) / (steps - warmupSteps)
    return finalFactor + (1 - finalFactor) * 0.5 * (1 + cosineOf(PI * progress))
  })
}
