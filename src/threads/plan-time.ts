/** @file How many threads a job takes, and how long that lasts: guesses that admission and workers share. */
import type { Spec } from '../contract/spec/spec.ts'
import type { TrainingPlan } from '../engine/index.ts'
import type { Speed, StepTime } from './calibration.ts'
import { familyOf } from './model-family.ts'

/**
 * Operations of a step that pay for another thread, some 0.5 ms of them: threads meet a few hundred
 * times a step, at half a microsecond. Below it, jobs side by side do more than threads together.
 */
const flopsPerThread = 2e7
/** More would wait for memory; a spec may ask for them by number. */
const mostByItself = 8

/** Never more than asked for, and fewer where a step is too short to be shared: they would only wait. */
export function threadsOf({ training }: Spec, { flopsPerStep }: TrainingPlan): number {
  const most = training.threads === 'auto' ? mostByItself : training.threads
  return Math.max(1, Math.min(most, Math.floor(flopsPerStep / flopsPerThread)))
}

/**
 * What a second thread adds, beside a first one: they wait for each other, and for the memory. Measured on
 * the workloads c to f of the bench: 0.50 to 0.86 with native kernels, 0.79 to 1.06 with WebAssembly.
 */
const shareOfAnother = 0.75

export function secondsOf(
  { model }: Pick<Spec, 'model'>,
  { flops, steps }: TrainingPlan,
  threads: number,
  { small, large, trainingThreads }: Speed,
): number {
  const together = Math.min(threads, trainingThreads)
  const speedup = 1 + shareOfAnother * (together - 1)
  return (steps * secondsOfStep(flops / steps, small, large[familyOf(model)])) / speedup
}

/**
 * Between what was measured a power of the operations, as small matrices take longer for each of theirs:
 * 25 networks, of 1 row to 128 and a few units to hundreds, took 0.5 to 1.5 times as long as this says,
 * and up to 4.5 times as long as a straight line does. Of larger ones a straight line.
 */
function secondsOfStep(flops: number, small: StepTime, large: StepTime): number {
  if (flops >= large.flops) return (large.seconds * flops) / large.flops
  const rise = Math.log(large.seconds / small.seconds) / Math.log(large.flops / small.flops)
  // A disturbed measurement must not make larger networks quicker.
  return small.seconds * (flops / small.flops) ** Math.max(0, rise)
}
