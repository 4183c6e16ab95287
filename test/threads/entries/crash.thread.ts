/**
 * @file A thread entry that dies as it is told: by the seed of the spec, since a task carries data only.
 */
import type { TrainResult, TrainTask } from '../../../src/contract/tasks.ts'

/** What the thread does with a task, by the seed of its spec. */
export const fates = { live: 0, exit: 1, throwLater: 2, throwNow: 3, throwWhenIdle: 4 } as const

export default async function crash({ spec }: TrainTask): Promise<TrainResult> {
  switch (spec.training.seed) {
    case fates.exit:
      return process.exit(7)
    case fates.throwLater:
      setImmediate(() => {
        throw new Error('uncaught in a thread')
      })
      return new Promise(() => {})
    case fates.throwNow:
      throw new TypeError('a defect in the entry')
    case fates.throwWhenIdle:
      setTimeout(() => {
        throw new Error('uncaught in an idle thread')
      }, 20)
      return { outcome: 'cancelled', step: 0, epoch: 0 }
    default:
      await new Promise((resolve) => setTimeout(resolve, 30))
      return { outcome: 'cancelled', step: Object.keys(process.env).length, epoch: 0 }
  }
}
