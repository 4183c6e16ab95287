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
  /** The same in steps, instead. */
  readonly warmupSteps?: number
  /** The part of its height that the rate starts at; 1/25 when not given. */
  readonly initialFactor?: number
  /** And the part that it ends at; 4e-6 when not given, a ten-thousandth of the start. */
  readonly finalFactor?: number
}

export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { warmupFraction = 0.3, warmupSteps, initialFactor = 0.04, finalFactor = 4e-6 } = options
  const part = { min: 0, max: 1 }
  requireOption('one_cycle', 'warmupFraction', warmupFraction, part)
  requireOption('one_cycle', 'warmupSteps', warmupSteps ?? 0, { min: 0, integer: true })
  requireOption('one_cycle', 'initialFactor', initialFactor, part)
  requireOption('one_cycle', 'finalFactor', finalFactor, part)
  return {
    definition: {
      type: 'one_cycle',
      warmupFraction: warmupSteps === undefined ? warmupFraction : null,
      warmupSteps: warmupSteps ?? null,
      initialFactor,
      finalFactor,
    },
    factor(step, steps) {
      // The step at full height, if it is a whole one.
      const top = (warmupSteps ?? warmupFraction * steps) - 1
      const last = steps - 1
      return step <= top
        ? along(initialFactor, 1, top > 0 ? step / top : 1)
        : along(1, finalFactor, (step - top) / (last - top))
    },
  }
}

/** Half a cosine from one height to another. */
function along(from: number, to: number, progress: number): number {
  return to + ((from - to) / 2) * (1 + cosineOf(PI * progress))
}
