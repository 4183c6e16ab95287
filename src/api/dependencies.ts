/** @file What the API is built from. Everything comes in as an argument; nothing is looked up. */
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'

import type { Limits } from '../contract/tenancy.ts'
import type { Tracer } from '../contract/tracing.ts'
import type { LiveChannel } from '../queue/live-channel.ts'
import type { Queue } from '../queue/queue.ts'
import type { Relay } from '../queue/relay.ts'
import type { Store } from '../store/store.ts'
import type { Calibration, Speed } from '../threads/calibration.ts'
import type { ThreadPool } from '../threads/pool.ts'

export interface ApiDependencies {
  readonly store: Store
  readonly queue: Pick<Queue, 'backend' | 'ping' | 'messages'>
  /** Woken after a commit that wrote to the outbox; never awaited. */
  readonly relay: Pick<Relay, 'wake'>
  readonly live: LiveChannel
  readonly pool: Pick<ThreadPool, 'parse' | 'predict' | 'waiting' | 'free'>
  readonly limits: Limits
  /** Of one thread, measured at start-up: plans turn FLOPs into seconds with it. */
  readonly calibration: Calibration & Speed
  readonly logger: FastifyBaseLogger | false
  /** Of this process: what the API measures is added to it. */
  readonly registry: Registry
  readonly tracer: Tracer
  /** Whose X-Forwarded-For is believed: nobody's, everybody's, or that of the named proxies. */
  readonly trustProxy: boolean | string
  readonly version: string
  readonly uploads: { readonly maxConcurrent: number }
}
