/** @file The learning rate falls along a straight line, from its full height to a part of it. */
import { requireOption } from '../require-option.ts'
import { type Schedule, type WarmupOptions, withWarmup } from './schedule.ts'

export interface LinearOptions extends WarmupOptions {
  /** What is left of the rate in the end, as a part of it; 0 when not given. */
  readonly finalFactor?: number
}

export function linear({ finalFactor = 0, warmupSteps = 0 }: LinearOptions = {}): Schedule {
  requireOption('linear', 'finalFactor', finalFactor, { min: 0, max: 1 })
  return withWarmup(warmupSteps, { type: 'linear', finalFactor }, (at, steps) => {
    const progress = (at - warmupSteps) / (steps - warmupSteps)
    return 1 + (finalFactor - 1) * progress
  })
}
