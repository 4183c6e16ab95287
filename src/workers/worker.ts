/**
 * @file A worker: its share of the work, put together and started. It stops by giving back what it
 * has: its threads stop at their next slice, and other workers go on.
 */
import { randomUUID } from 'node:crypto'

import type { Registry } from 'prom-client'

import type { Tracer } from '../contract/tracing.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { withDeadline } from '../queue/deadline.ts'
import type { LiveChannel } from '../queue/live-channel.ts'
import type { Queue } from '../queue/queue.ts'
import type { Relay } from '../queue/relay.ts'
import type { Store } from '../store/store.ts'
import type { ThreadPool } from '../threads/pool.ts'
import { startCollector } from './collector.ts'
import { createDatasetCache } from './dataset-cache.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import { measureStore } from './measured-store.ts'
import { createWorkerMetrics } from './metrics.ts'
import { createProcessor, workerName } from './processor.ts'
import { startReconciler } from './reconciler.ts'
import type { Log, WorkerLimits } from './worker-parts.ts'

export interface WorkerOptions {
  readonly store: Store
  readonly queue: Queue
  readonly relay: Relay
  readonly live: LiveChannel
  readonly pool: ThreadPool
  readonly leaseSeconds: number
  readonly numericsVersion: number
  readonly checkpointEveryMs: number
  readonly limits: WorkerLimits
  readonly log: Log
  /** Of this process: what the worker measures is added to it. */
  readonly registry: Registry
  readonly tracer: Tracer
  /** Connection errors, which repeat while a server is away. */
  readonly onError: (error: Error) => void
}

export interface Worker {
  /** Gives every job back and returns when that is recorded, or after the deadline. */
  stop(withinMs: number): Promise<void>
  /** From the moment that it was told to stop. */
  isDraining(): boolean
}

/** A part of the memory for plans, so that files of small jobs stay at hand. */
const cacheShare = 0.1

export function startWorker(options: WorkerOptions): Worker {
  const { queue, relay, live, pool, leaseSeconds, limits, log, onError } = options
  const metrics = createWorkerMetrics(options.registry)
  const store = measureStore(options.store, metrics)
  let draining = false
  const leases = createLeaseKeeper({
    store,
    leaseSeconds,
    onLost(run, reason) {
      metrics.leasesLost.inc({ reason })
      run.log.warn({ fence: run.fence, reason }, 'lost a lease')
    },
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
    limits,
    // The reconciler makes good what cannot be sent now.
    ring: () => queue.send(1).catch(onError),
    metrics,
    tracer: options.tracer,
  })
  const consumer = queue.consume(processor.process, processor.concurrency)
  const self = { id: randomUUID(), name: workerName, memoryBytes: pool.memoryBytes }
  const stopReconciler = startReconciler({
    store,
    report: () => store.reportWorker({ ...self, freeBytes: processor.freeBytes() }),
    queue,
    relay,
    live,
    limits,
    onError,
    log,
    metrics,
  })
  const stopCollector = startCollector({ store, onError, log })

  return {
    isDraining: () => draining,
    async stop(withinMs) {
      draining = true
      const collected = stopCollector()
      processor.release()
      crashPoint('shutdown.released')
      await consumer.close(withinMs)
      crashPoint('shutdown.queue_closed')
      await withDeadline(processor.idle(), withinMs, 'Recording the ends of runs').catch(onError)
      crashPoint('shutdown.ends_recorded')
      await withDeadline(leases.stop(), withinMs, 'The last renewal of leases').catch(onError)
      await withDeadline(stopReconciler(), withinMs, 'The last reconciliation').catch(onError)
      await withDeadline(store.forgetWorker(self.id), withinMs, 'The farewell').catch(onError)
      await withDeadline(collected, withinMs, 'The last batch of the collector').catch(onError)
    },
  }
}
