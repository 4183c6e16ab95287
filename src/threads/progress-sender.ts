/**
 * @file Progress leaves a training thread in batches: at most ten messages a second, whatever the
 * number of steps, and every point exactly once and in order.
 */
import type { RawPoint } from '../contract/losses.ts'
import type { TrainProgress } from '../contract/tasks.ts'

export interface ProgressSender {
  /** Keeps the points, and sends what it has if the last message is long enough ago. */
  report(step: number, epoch: number, points: readonly RawPoint[]): void
  /** Sends what was kept back. Call it before the result leaves. */
  flush(): void
}

const intervalMs = 100

export function createProgressSender(
  post: (progress: TrainProgress) => void,
  now: () => number,
): ProgressSender {
  let points: RawPoint[] = []
  let step = 0
  let epoch = 0
  let sentStep = 0
  let sentAt = now()

  function flush(): void {
    if (points.length === 0 && step === sentStep) return
    post({ step, epoch, points })
    points = []
    sentStep = step
    sentAt = now()
  }

  return {
    report(newStep, newEpoch, newPoints) {
      step = newStep
      epoch = newEpoch
      for (const point of newPoints) points.push(point)
      if (now() - sentAt >= intervalMs) flush()
    },
    flush,
  }
}
