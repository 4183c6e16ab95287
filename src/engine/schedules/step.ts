/** @file The learning rate falls by a factor every so many steps. */
import { integerPower } from '../numerics/integer-power.ts'
import { requireOption } from '../require-option.ts'
import { type Schedule, type WarmupOptions, withWarmup } from './schedule.ts'

export interface StepOptions extends WarmupOptions {
  /** In steps, counted from the start of training. */
  readonly every: number
  /** 0.1 when not given. */
  readonly factor?: number
}

export function step({ every, factor = 0.1, warmupSteps = 0 }: StepOptions): Schedule {
  requireOption('step', 'every', every, { min: 1, integer: true })
  requireOption('step', 'factor', factor, { min: 0, max: 1, aboveMin: true })
  return withWarmup(warmupSteps, { type: 'step', every, factor }, (at) =>
    integerPower(factor, Math.floor(at / every)),
  )
}
