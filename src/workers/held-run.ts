/**
 * @file A run that this worker holds: its claim, the thread's control block, and how long the lease
 * surely lasts by this process's own clock.
 */
import { controlBytes, controlSignals, controlWords } from '../contract/tasks.ts'
import type { Claim } from '../store/runs/claim-next.ts'
import { type RunView, unseen } from './observed-run.ts'

export type Signal = Exclude<keyof typeof controlSignals, 'none'>

export interface HeldRun extends Claim, RunView {
  readonly control: SharedArrayBuffer
  /** False once the lease was lost: the run must write nothing more. */
  readonly held: boolean
  /** A later signal replaces an earlier one, but a cancel stays. */
  signal(signal: Signal): void
  /** What the thread was asked last. */
  readonly signalled: Signal | 'none'
  /** Stops the thread, and every write of the run from now on. */
  lose(): void
  /** The lease was asked for at `askedAtMs` of this process's monotonic clock, and was granted. */
  extend(askedAtMs: number): void
  /** Whether the lease may end soon, as far as this process can know. */
  isOverdue(nowMs: number): boolean
  /** How many signs of life the run has given until now. */
  heartbeats(): number
  /** A sign of life from this thread, which loads what the run needs or writes what it leaves. */
  tick(): void
  /** Whether it waits in the pool: nobody works on it, so nobody gives a sign. */
  readonly isWaiting: boolean
  wait(): void
  /** A thread has it now. */
  begin(): void
}

/** A worker that cannot renew stops this long before the lease that it last asked for would end. */
const safetyMs = 5_000

export function holdRun(
  claim: Claim,
  leaseSeconds: number,
  askedAtMs: number,
  view: RunView = unseen,
): HeldRun {
  const control = new SharedArrayBuffer(controlBytes)
  const words = new Int32Array(control)
  let held = true
  let signalled: Signal | 'none' = 'none'
  let leaseAskedAtMs = askedAtMs
  let isWaiting = false

  function signal(next: Signal): void {
    if (signalled === 'cancel') return
    signalled = next
    Atomics.store(words, controlWords.signal, controlSignals[next])
  }

  return {
    ...view,
    jobId: claim.jobId,
    fence: claim.fence,
    control,
    get held() {
      return held
    },
    get signalled() {
      return signalled
    },
    signal,
    lose() {
      held = false
      signal('cancel')
    },
    extend(atMs) {
      leaseAskedAtMs = Math.max(leaseAskedAtMs, atMs)
    },
    isOverdue: (nowMs) => nowMs > leaseAskedAtMs + leaseSeconds * 1000 - safetyMs,
    heartbeats: () => Atomics.load(words, controlWords.heartbeat),
    tick() {
      Atomics.add(words, controlWords.heartbeat, 1)
    },
    get isWaiting() {
      return isWaiting
    },
    wait() {
      isWaiting = true
    },
    begin() {
      isWaiting = false
    },
  }
}
