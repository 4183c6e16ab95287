/**
 * @file The reconciler: what was lost between Postgres and the queue is made good every two seconds,
 * by one process at a time.
 *
 * It takes back the jobs of workers that are gone, and keeps the waiting messages at no fewer than
 * the claimable jobs, by count: so the loss of the whole queue costs two seconds and nothing else. Where
 * the messages of the last pass brought no claim, none is missing, and only a few are tried. Each worker
 * says first what it has: what fits nowhere is not claimable.
 */

import { crashPoint } from '../faults/crash-point.ts'
import type { LiveChannel } from '../queue/live-channel.ts'
import type { Queue } from '../queue/queue.ts'
import type { Relay } from '../queue/relay.ts'
import type { Store } from '../store/store.ts'
import type { WorkerMetrics } from './metrics.ts'
import type { Log, WorkerLimits } from './worker-parts.ts'

export interface ReconcilerOptions {
  readonly store: Pick<Store, 'reclaimExpiredAsLeader' | 'countClaimable'>
  /** Tells the others what this worker has. */
  readonly report: () => Promise<void>
  readonly queue: Pick<Queue, 'send' | 'countWaiting'>
  readonly relay: Pick<Relay, 'wake'>
  readonly live: Pick<LiveChannel, 'publish'>
  /** Of projects that have none of their own. */
  readonly limits: WorkerLimits
  readonly onError: (error: Error) => void
  readonly log: Pick<Log, 'warn'>
  readonly metrics: Pick<WorkerMetrics, 'repairs'>
}

const everyMs = 2_000

/** More would only make work: messages that find nothing to claim. */
const maxMessagesAtOnce = 5_000

/** Where those of the last pass found nothing: each costs a claim, every two seconds. */
const fewMessages = 16

/** Returns the way to stop it. */
export function startReconciler(options: ReconcilerOptions): () => Promise<void> {
  const { store, queue, relay, live, limits, onError, log, metrics } = options
  let pass: Promise<void> | undefined
  /** Of the last pass: messages that it sent, and the clock of the round then. */
  let last = { sent: 0, turns: '' }

  async function reconcile(): Promise<void> {
    await options.report()
    const reclaimed = await store.reclaimExpiredAsLeader()
    if (reclaimed === null) return
    if (reclaimed.length > 0) crashPoint('reconciler.reclaimed')
    for (const jobId of reclaimed) live.publish(jobId)
    if (reclaimed.length > 0) {
      log.warn({ jobIds: reclaimed }, 'took back the jobs of lost workers')
      metrics.repairs.inc({ repair: 'run' }, reclaimed.length)
      relay.wake()
    }

    const { jobs, turns } = await store.countClaimable(limits)
    const isInVain = last.sent > 0 && last.turns === turns
    last = { sent: 0, turns }
    if (jobs === 0) return
    const atOnce = isInVain ? fewMessages : maxMessagesAtOnce
    const missing = Math.min(jobs - (await queue.countWaiting()), atOnce)
    crashPoint('reconciler.counted')
    if (missing <= 0) return
    await queue.send(missing)
    crashPoint('reconciler.sent')
    last = { sent: missing, turns }
    if (!isInVain) metrics.repairs.inc({ repair: 'message' }, missing)
  }

  const timer = setInterval(() => {
    pass ??= reconcile()
      .catch(onError)
      .finally(() => {
        pass = undefined
      })
  }, everyMs)

  return async () => {
    clearInterval(timer)
    await pass
  }
}
