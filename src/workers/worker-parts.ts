/** @file What the files of a worker share: made once, by worker.ts. */
import type { Limits } from '../contract/tenancy.ts'
import type { Tracer } from '../contract/tracing.ts'
import type { LiveChannel } from '../queue/live-channel.ts'
import type { Relay } from '../queue/relay.ts'
import type { Store } from '../store/store.ts'
import type { ThreadPool } from '../threads/pool.ts'
import type { DatasetCache } from './dataset-cache.ts'
import type { WorkerMetrics } from './metrics.ts'

/** What of a pino logger is used here. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Whose lines all carry these fields. */
  child(fields: object): Log
}

/** What a project may have at work, and for how long, unless it has limits of its own. */
export type WorkerLimits = Pick<Limits, 'jobs_running' | 'threads' | 'job_seconds'>

export interface WorkerParts {
  readonly store: Store
  readonly live: Pick<LiveChannel, 'publish'>
  readonly relay: Pick<Relay, 'wake'>
  readonly pool: Pick<ThreadPool, 'train' | 'threads' | 'memoryBytes'>
  readonly datasets: DatasetCache
  /** Of the engine in this program's threads. */
  readonly numericsVersion: number
  /** The shortest pause between two checkpoints of a job. */
  readonly checkpointEveryMs: number
  readonly limits: WorkerLimits
  readonly log: Log
  readonly tracer: Tracer
  readonly metrics: WorkerMetrics
}
