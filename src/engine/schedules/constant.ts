/** @file The same learning rate throughout, after an optional warm-up. */
import { type Schedule, type WarmupOptions, withWarmup } from './schedule.ts'

export function constant({ warmupSteps = 0 }: WarmupOptions = {}): Schedule {
  return withWarmup(warmupSteps, { type: 'constant' }, () => 1)
}
