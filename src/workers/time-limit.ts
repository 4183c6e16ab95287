/**
 * @file How long a job may train. When the time is over its thread is asked to take a checkpoint and to
 * rest, so that nothing is lost of what it has trained.
 */
import type { HeldRun } from './held-run.ts'

export interface TimeLimit {
  /** Whether the run was asked to end because its time was over. */
  readonly isOver: boolean
  stop(): void
}

/** A timer of Node holds no more: 24 days. */
const longestTimerMs = 2_147_483_647

export function limitTime(run: Pick<HeldRun, 'signal' | 'signalled'>, forMs: number): TimeLimit {
  const untilMs = performance.now() + forMs
  let isOver = false
  let timer: NodeJS.Timeout

  function look(): void {
    const leftMs = untilMs - performance.now()
    if (leftMs > 0) {
      timer = setTimeout(look, Math.min(leftMs, longestTimerMs))
    } else if (run.signalled === 'none') {
      isOver = true
      run.signal('pause')
    }
  }
  look()

  return {
    get isOver() {
      return isOver
    },
    stop: () => clearTimeout(timer),
  }
}
