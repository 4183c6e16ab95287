/** @file What a schedule is: the learning rate of each step, as a factor of the given one. */
import type { Definition } from '../definition.ts'
import { requireOption } from '../require-option.ts'

export interface Schedule {
  readonly definition: Definition
  /** `step` counts from 0 to `steps` - 1. */
  factor(step: number, steps: number): number
}

export interface WarmupOptions {
  /** Steps over which the rate rises in equal parts to its full height; 0 when not given. */
  readonly warmupSteps?: number
}

/** Puts a warm-up before a schedule; `after` gets the step itself, also counted from 0. */
export function withWarmup(
  warmupSteps: number,
  definition: Definition,
  after: Schedule['factor'],
): Schedule {
  requireOption(definition.type, 'warmupSteps', warmupSteps, { min: 0, integer: true })
  return {
    definition: { ...definition, warmupSteps },
    // One part more than there are steps, so that neither the first is zero nor the last full.
    factor: (step, steps) =>
      step < warmupSteps ? (step + 1) / (warmupSteps + 1) : after(step, steps),
  }
}
