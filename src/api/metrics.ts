/** @file What the API measures: its requests and streams, and the jobs of all projects. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

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

export function createMetrics(dependencies: Pick<ApiDependencies, 'store' | 'registry'>): Metrics {
  const { registry, store } = dependencies
  const registers = [registry]
  addJobGauges(registers, store)
  addCollectedCounters(registers, store)
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

function addJobGauges(registers: Registry[], store: ApiDependencies['store']): void {
  const recentCounts = rememberByCost(() => countJobs(store.db))
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
  const totals = rememberByCost(() => readTotals(store.db))
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

/** A scrape asks twice, and some scrape every second. */
const rememberedMs = 1_000

/**
 * Counting walks over an index of all jobs: 41 ms for 100,000, 364 ms for 500,000, on two busy cores. So
 * an answer is kept for 100 times what it took to get, and counting takes 1 % of one connection's time,
 * however many jobs there are and however often somebody asks. null: it could not be asked.
 */
const rememberedPerCost = 100

export function rememberByCost<T>(ask: () => Promise<T>): () => Promise<T | null> {
  let last: Promise<T | null> | undefined
  let until = 0
  return () => {
    if (last && performance.now() < until) return last
    const askedAtMs = performance.now()
    until = Number.POSITIVE_INFINITY // while it is under way
    const keep = (atLeastMs: number) => {
      until = performance.now() + atLeastMs
    }
    last = ask().then(
      (answer) => {
        keep(Math.max(rememberedMs, (performance.now() - askedAtMs) * rememberedPerCost))
        return answer
      },
      () => {
        keep(rememberedMs) // Postgres was away, and may be back; how long that took says nothing
        return null
      },
    )
    return last
  }
}
