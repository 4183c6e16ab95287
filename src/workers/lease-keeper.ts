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

/** A thread that gives no sign of life for this long is not renewed any more: it hangs. */
const silenceMs = 120_000

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, leaseSeconds, onLost, onError } = options
  const renewEveryMs = (leaseSeconds * 1000) / 6
  const runs = new Set<HeldRun>()
  const lastSigns = new WeakMap<HeldRun, { heartbeats: number; atMs: number }>()
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
    const asked = [...runs].filter((run) => isAlive(run, nowMs))
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

  function isAlive(run: HeldRun, nowMs: number): boolean {
    const heartbeats = run.heartbeats()
    const last = lastSigns.get(run)
    if (!last || last.heartbeats !== heartbeats) lastSigns.set(run, { heartbeats, atMs: nowMs })
    return nowMs - (lastSigns.get(run)?.atMs ?? nowMs) < silenceMs
  }

  /** Postgres could not be reached in time, or the thread is silent: somebody else may claim now. */
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
