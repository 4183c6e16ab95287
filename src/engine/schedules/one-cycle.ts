/**
 * @file One cycle: the learning rate rises along half a cosine to its full height, and falls along
 * another to almost nothing. As PyTorch's OneCycleLR, but that it leaves the momentum alone.
 *
 * Reference: https://arxiv.org/abs/1708.07120
 */
import { cosine as cosineOf } from '../numerics/sine-cosine.ts'
import { requireOption } from '../require-option.ts'
import type { Schedule } from './schedule.ts'

const PI = 2 * 1.5707963267948966

export interface OneCycleOptions {
  /** The part of all steps over which the rate rises; 0.3 when not given. */
  readonly warmupFraction?: number
  /** The rate starts at its height divided by this; 25 when not given. */
  readonly initialDivisor?: number
  /** And ends at that start divided by this; 10,000 when not given. */
  readonly finalDivisor?: number
}

export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { warmupFraction = 0.3, initialDivisor = 25, finalDivisor = 10_000 } = options
  requireOption('one_cycle', 'warmupFraction', warmupFraction, { min: 0, max: 1 })
  requireOption('one_cycle', 'initialDivisor', initialDivisor, { min: 1 })
  requireOption('one_cycle', 'finalDivisor', finalDivisor, { min: 1 })
  const initial = 1 / initialDivisor
  const final = initial / finalDivisor
  return {
    definition: { type: 'one_cycle', warmupFraction, initialDivisor, finalDivisor },
    factor(step, steps) {
      const top = warmupFraction * steps - 1 // the step at full height, if it is a whole one
      const last = steps - 1
      return step <= top
        ? along(initial, 1, top > 0 ? step / top : 1)
        : along(1, final, (step - top) / (last - top))
    },
  }
}

/** Half a cosine from one height to another. */
function along(from: number, to: number, progress: number): number {
  return to + ((from - to) / 2) * (1 + cosineOf(PI * progress))
}
