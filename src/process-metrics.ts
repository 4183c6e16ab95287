/**
 * @file What any process measures about itself, whatever its role: memory, CPU, the event loop's delay,
 * connections to Postgres, threads and the memory of their plans.
 */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

import type { Store } from './store/store.ts'
import type { ThreadPool } from './threads/pool.ts'

type WatchedPool = Pick<ThreadPool, 'free' | 'used' | 'waiting' | 'memoryBytes'>

export interface ProcessMetrics {
  readonly registry: Registry
  /** A process with both roles has one pool for requests and one for training. */
  watchThreads(pool: 'api' | 'training', threads: WatchedPool): void
}

export function createProcessMetrics(store: Pick<Store, 'connections'>): ProcessMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry }) // also the event loop's delay
  addConnectionGauges(registry, store)
  const pools = new Map<string, WatchedPool>()
  addThreadGauges(registry, pools)
  return {
    registry,
    watchThreads(pool, threads) {
      pools.set(pool, threads)
    },
  }
}

function addConnectionGauges(registry: Registry, { connections }: Pick<Store, 'connections'>) {
  for (const [name, help, property] of [
    ['trainyard_database_connections_busy', 'Connections to Postgres in use.', 'busy'],
    ['trainyard_database_waiting', 'Callers that wait for a connection to Postgres.', 'waiting'],
  ] as const) {
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        for (const [pool, usage] of Object.entries(connections())) {
          this.set({ pool }, usage[property])
        }
      },
    })
  }
}

const threadGauges: readonly (readonly [string, string, (pool: WatchedPool) => number])[] = [
  [
    'trainyard_pool_free_threads',
    'Threads that a new task could have at once.',
    (pool) => pool.free().threads,
  ],
  [
    'trainyard_pool_waiting_tasks',
    'Tasks that wait for a thread or for memory.',
    (pool) => pool.waiting(),
  ],
  [
    'trainyard_plan_memory_bytes',
    'Memory that running tasks have by their plans.',
    (pool) => pool.used().bytes,
  ],
  [
    'trainyard_plan_memory_limit_bytes',
    'What the plans of running tasks may add up to.',
    (pool) => pool.memoryBytes,
  ],
]

function addThreadGauges(registry: Registry, pools: ReadonlyMap<string, WatchedPool>): void {
  for (const [name, help, measure] of threadGauges) {
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        for (const [pool, threads] of pools) this.set({ pool }, measure(threads))
      },
    })
  }
}
