/**
 * @file Keeps the leases of all runs of this worker, and carries what clients ask to their threads.
 *
 * Intents are read four times a second, so that a cancel or stop reaches the thread well within a
 * second; leases are renewed every few seconds, in one statement for all runs.
 */

import { crashPoint } from '../faults/crash-point.ts'
import type { Store } from '../store/store.ts'
import type { HeldRun } from './held-run.ts'

export type LossReason = 'taken' | 'not_renewed'

export interface LeaseKeeperOptions {
  readonly store: Pick<Store, 'renewLeases' | 'readIntents'>
  readonly leaseSeconds: number
  readonly onLost: (run: HeldRun, reason: LossReason) => void
  readonly onError: (error: Error) => void
}

export interface LeaseKeeper {
  keep(run: HeldRun): void
  forget(run: HeldRun): void
  readonly runs: ReadonlySet<HeldRun>
  stop(): Promise<void>
}

const lookEveryMs = 250

/**
 * A run without a sign of life for this long is not renewed any more: it hangs. Signs are what its thread
 * computes or parses, and the pieces that are read before; how long all of that takes does not matter.
 */
const silenceMs = 120_000

/** What was last seen to change. */
interface Signs {
  readonly isWaiting: boolean
  readonly count: number
  readonly atMs: number
}

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, leaseSeconds, onLost, onError } = options
  const renewEveryMs = (leaseSeconds * 1000) / 6
  const runs = new Set<HeldRun>()
  const lastSigns = new WeakMap<HeldRun, Signs>()
  let renewedAtMs = performance.now()
  let look: Promise<void> | undefined

  const timer = setInterval(() => {
    dropOverdue()
    if (runs.size === 0 || look) return
    look = lookOnce()
      .catch((error) => onError(error))
      .finally(() => {
        look = undefined
      })
  }, lookEveryMs)

  async function lookOnce(): Promise<void> {
    const nowMs = performance.now()
    const ofOthers = signsOfThreads()
    const asked = [...runs].filter((run) => isAlive(run, ofOthers, nowMs))
    const renewing = nowMs - renewedAtMs >= renewEveryMs
    const held = renewing
      ? await store.renewLeases(asked, leaseSeconds)
      : await store.readIntents(asked)
    if (renewing) crashPoint('lease.renewed')
    else crashPoint('intent.read')
    if (renewing) renewedAtMs = nowMs

    const intents = new Map(held.map(({ jobId, intent }) => [jobId, intent]))
    for (const run of asked) {
      const intent = intents.get(run.jobId)
      if (intent === undefined) lose(run, 'taken')
      else if (intent !== 'none') {
        run.signal(intent)
        crashPoint('intent.signalled')
      }
      if (renewing) run.extend(nowMs)
    }
  }

  /** One that waits lives as long as any of those that it waits for: behind a thread that hangs it would wait for ever. */
  function isAlive(run: HeldRun, ofOthers: number, nowMs: number): boolean {
    const { isWaiting } = run
    const count = isWaiting ? ofOthers : run.heartbeats()
    const last = lastSigns.get(run)
    if (last?.isWaiting === isWaiting && last.count === count) return nowMs - last.atMs < silenceMs
    lastSigns.set(run, { isWaiting, count, atMs: nowMs })
    return true
  }

  function signsOfThreads(): number {
    let count = 0
    for (const run of runs) if (!run.isWaiting) count += run.heartbeats()
    return count
  }

  /** Postgres could not be reached in time, or the run is silent: somebody else may claim now. */
  function dropOverdue(): void {
    const nowMs = performance.now()
    for (const run of runs) {
      if (run.isOverdue(nowMs)) lose(run, 'not_renewed')
    }
  }

  function lose(run: HeldRun, reason: LossReason): void {
    // A run that has just written its end is no longer running, and not lost either.
    if (!runs.delete(run)) return
    run.lose()
    onLost(run, reason)
  }

  return {
    runs,
    keep(run) {
      runs.add(run)
    },
    forget(run) {
      // A write that was refused can tell sooner than the next look here.
      if (runs.delete(run) && !run.held) onLost(run, 'taken')
    },
    async stop() {
      clearInterval(timer)
      await look
    },
  }
}
