/**
 * @file Progress leaves a training thread in batches: at most ten messages a second, whatever the
 * number of steps, and every point exactly once and in order.
 */
import type { RawPoint } from '../contract/losses.ts'
import type { TakenCheckpoint, TrainProgress } from '../contract/tasks.ts'

export interface Position {
  readonly step: number
  readonly epoch: number
}

export interface ProgressSender {
  /** Keeps the points, and sends what it has if the last message is long enough ago. */
  report(position: Position, points: readonly RawPoint[]): void
  /** Sends what was kept back. Call it before the result leaves. */
  flush(): void
  /** Sends it with what was kept back, so that no point of its steps comes after it. */
  send(checkpoint: TakenCheckpoint): void
  /** The last that was reported; step 0 before. */
  position(): Position
}

const intervalMs = 100

export function createProgressSender(
  post: (progress: TrainProgress) => void,
  now: () => number,
): ProgressSender {
  let points: RawPoint[] = []
  let position: Position = { step: 0, epoch: 0 }
  let sentStep = 0
  let sentAt = now()

  function flush(): void {
    if (points.length === 0 && position.step === sentStep) return
    postNow({ ...position, points })
  }

  function postNow(progress: TrainProgress): void {
    post(progress)
    points = []
    sentStep = position.step
    sentAt = now()
  }

  return {
    report({ step, epoch }, newPoints) {
      position = { step, epoch }
      for (const point of newPoints) points.push(point)
      if (now() - sentAt >= intervalMs) flush()
    },
    flush,
    send: (checkpoint) => postNow({ ...position, points, checkpoint }),
    position: () => position,
  }
}
