/**
 * @file The collector: what has outlived the retention policy goes, a little at a time, by one process at
 * a time. It rests between batches, so that neighbors do not notice: after a batch four times as long as
 * it took, when all is done a minute.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Store } from '../store/store.ts'
import type { Log } from './worker-parts.ts'

export interface CollectorOptions {
  readonly store: Pick<Store, 'collectAsLeader'>
  readonly onError: (error: Error) => void
  readonly log: Pick<Log, 'info'>
  /** A minute, but for tests. */
  readonly everyMs?: number
}

const collectEveryMs = 60_000

/** At most a fifth of the time of one connection. */
const restFactor = 4

/** Returns the way to stop it: it ends with the batch that is under way. */
export function startCollector(options: CollectorOptions): () => Promise<void> {
  const { store, onError, log, everyMs = collectEveryMs } = options
  const stop = new AbortController()

  async function collectAll(): Promise<void> {
    let rows = 0
    let bytes = 0
    while (!stop.signal.aborted) {
      const startedAtMs = performance.now()
      const collected = await store.collectAsLeader()
      // Nothing is left, or another process is the collector.
      if (collected === null || collected.length === 0) break
      for (const each of collected) {
        rows += each.rows
        bytes += each.bytes
      }
      await rest((performance.now() - startedAtMs) * restFactor)
    }
    if (rows > 0) log.info({ rows, bytes }, 'collected what the retention policy lets go')
  }

  const rest = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {})

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await collectAll().catch(onError)
      await rest(everyMs)
    }
  }
  const running = run()

  return async () => {
    stop.abort()
    await running
  }
}
