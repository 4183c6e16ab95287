/**
 * @file A worker: its share of the work, put together and started. It stops by giving back what it
 * has: its threads stop at their next slice, and other workers go on.
 */

import { crashPoint } from '../faults/crash-point.ts'
import { withDeadline } from '../queue/deadline.ts'
import type { LiveChannel } from '../queue/live-channel.ts'
import type { Queue } from '../queue/queue.ts'
import type { Relay } from '../queue/relay.ts'
import type { Store } from '../store/store.ts'
import type { ThreadPool } from '../threads/pool.ts'
import { createDatasetCache } from './dataset-cache.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import { createProcessor } from './processor.ts'
import { startReconciler } from './reconciler.ts'
import type { Log } from './worker-parts.ts'

export interface WorkerOptions {
  readonly store: Store
  readonly queue: Queue
  readonly relay: Relay
  readonly live: LiveChannel
  readonly pool: ThreadPool
  readonly leaseSeconds: number
  readonly numericsVersion: number
  readonly checkpointEveryMs: number
  readonly log: Log
  /** Connection errors, which repeat while a server is away. */
  readonly onError: (error: Error) => void
}

export interface Worker {
  /** Gives every job back and returns when that is recorded, or after the deadline. */
  stop(withinMs: number): Promise<void>
}

/** A part of the memory for plans, so that files of small jobs stay at hand. */
const cacheShare = 0.1

export function startWorker(options: WorkerOptions): Worker {
  const { store, queue, relay, live, pool, leaseSeconds, log, onError } = options
  const leases = createLeaseKeeper({
    store,
    leaseSeconds,
    onLost: ({ jobId, fence }, why) => log.warn({ jobId, fence, why }, 'lost a lease'),
    onError,
  })
  const processor = createProcessor({
    store,
    live,
    relay,
    pool,
    datasets: createDatasetCache(store, pool.memoryBytes * cacheShare),
    log,
    leases,
    leaseSeconds,
    numericsVersion: options.numericsVersion,
    checkpointEveryMs: options.checkpointEveryMs,
  })
  const consumer = queue.consume(processor.process, processor.concurrency)
  const stopReconciler = startReconciler({ store, queue, relay, live, onError, log })

  return {
    async stop(withinMs) {
      processor.release()
      crashPoint('shutdown.released')
      await consumer.close(withinMs)
      crashPoint('shutdown.queue_closed')
      await withDeadline(processor.idle(), withinMs, 'Recording the ends of runs').catch(onError)
      crashPoint('shutdown.ends_recorded')
      await withDeadline(leases.stop(), withinMs, 'The last renewal of leases').catch(onError)
      await withDeadline(stopReconciler(), withinMs, 'The last reconciliation').catch(onError)
    },
  }
}
