/** @file What the API measures about itself, in a registry of its own. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

import { JobStatus } from '../contract/jobs.ts'
import { countJobs } from '../store/jobs/count-jobs.ts'
import { collectedKinds, readTotals } from '../store/retention/collected.ts'
import type { ApiDependencies } from './dependencies.ts'

export interface Metrics {
  readonly registry: Registry
  readonly requestSeconds: Histogram<'method' | 'route' | 'status'>
  /** Open event streams; counted by whoever opens and closes them. */
  readonly eventStreams: Gauge
}

/** From a cached answer to a slow upload. */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30]

export function createMetrics(dependencies: Pick<ApiDependencies, 'store' | 'pool'>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry }) // also the event loop's delay
  addPoolGauges(registers, dependencies.pool)
  addJobGauges(registers, dependencies.store)
  addCollectedCounters(registers, dependencies.store)
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'trainyard_http_request_seconds',
      help: 'Time from the request to the end of its answer; event streams are left out.',
      labelNames: ['method', 'route', 'status'],
      buckets: secondsBuckets,
      registers,
    }),
    eventStreams: new Gauge({
      name: 'trainyard_event_streams',
      help: 'Open event streams.',
      registers,
    }),
  }
}

function addPoolGauges(registers: Registry[], pool: ApiDependencies['pool']): void {
  new Gauge({
    name: 'trainyard_pool_free_threads',
    help: 'Threads that a new task could have at once.',
    registers,
    collect() {
      this.set(pool.free().threads)
    },
  })
  new Gauge({
    name: 'trainyard_pool_waiting_tasks',
    help: 'Tasks that wait for a thread or for memory.',
    registers,
    collect() {
      this.set(pool.waiting())
    },
  })
}

function addJobGauges(registers: Registry[], store: ApiDependencies['store']): void {
  const recentCounts = rememberFor(countedForMs, () => countJobs(store.db).catch(() => null))
  new Gauge({
    name: 'trainyard_queue_oldest_seconds',
    help: 'How long the oldest queued job has waited; NaN while the database is away.',
    registers,
    async collect() {
      this.set((await recentCounts())?.oldestQueuedSeconds ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'trainyard_jobs',
    help: 'Jobs by status; none while the database is away.',
    labelNames: ['status'],
    registers,
    async collect() {
      const counts = await recentCounts()
      this.reset()
      if (!counts) return
      for (const status of JobStatus.options) {
        this.set({ status }, counts.byStatus.get(status) ?? 0)
      }
    },
  })
}

/** Kept in Postgres, so that they are those of every process, whichever is asked. */
function addCollectedCounters(registers: Registry[], store: ApiDependencies['store']): void {
  const totals = rememberFor(countedForMs, () => readTotals(store.db).catch(() => null))
  for (const unit of ['rows', 'bytes'] as const) {
    new Counter({
      name: `trainyard_collected_${unit}_total`,
      help: `What the retention policy has removed, in ${unit}; none while the database is away.`,
      labelNames: ['kind'],
      registers,
      async collect() {
        const found = await totals()
        this.reset()
        if (!found) return
        for (const kind of collectedKinds) this.inc({ kind }, found.get(kind)?.[unit] ?? 0)
      },
    })
  }
}

/** Counting walks over an index of all jobs, and a scrape asks twice. */
const countedForMs = 1_000

function rememberFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (!last || last.until <= now) last = { answer: ask(), until: now + ms }
    return last.answer
  }
}
