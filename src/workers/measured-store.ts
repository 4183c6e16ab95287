/**
 * @file The store, with what a worker does to it counted on the way: so that whoever renews, writes or
 * ends a run need not know that it is measured.
 */
import { runStatusOf } from '../store/runs/finish-runs.ts'
import type { Store } from '../store/store.ts'
import type { WorkerMetrics } from './metrics.ts'

export function measureStore(store: Store, metrics: WorkerMetrics): Store {
  return {
    ...store,
    ...measureWrites(store, metrics),
    ...measureStarts(store, metrics),

    async renewLeases(claims, leaseSeconds) {
      const held = await store.renewLeases(claims, leaseSeconds)
      metrics.leaseRenewals.inc(held.length)
      return held
    },
  }
}

type Writes = Pick<Store, 'writeProgress' | 'writeCheckpoint' | 'finishRun'>

/** A write that was not made although it was wanted is one that the fence refused. */
function measureWrites(store: Store, metrics: WorkerMetrics): Writes {
  return {
    async writeProgress(claim, progress) {
      const isWritten = await store.writeProgress(claim, progress)
      if (!isWritten) metrics.fencedWrites.inc({ write: 'progress' })
      return isWritten
    },

    async writeCheckpoint(owner, checkpoint, isWanted) {
      const startedAtMs = performance.now()
      const isWritten = await store.writeCheckpoint(owner, checkpoint, isWanted)
      if (isWritten) {
        const { milliseconds = 0, weights, rest } = checkpoint
        const writtenMs = performance.now() - startedAtMs
        metrics.checkpointSeconds.observe((milliseconds + writtenMs) / 1000)
        metrics.checkpointBytes.observe(weights.byteLength + rest.byteLength)
      } else if (isWanted()) {
        metrics.fencedWrites.inc({ write: 'checkpoint' })
      }
      return isWritten
    },

    async finishRun(claim, end) {
      const status = await store.finishRun(claim, end)
      if (status === null) metrics.fencedWrites.inc({ write: 'end' })
      else metrics.runsEnded.inc({ status: runStatusOf(status, end) })
      return status
    },
  }
}

type Starts = Pick<Store, 'startOver' | 'resumeRun'>

function measureStarts(store: Store, metrics: WorkerMetrics): Starts {
  return {
    async startOver(claim, numericsVersion, why) {
      const isWritten = await store.startOver(claim, numericsVersion, why)
      if (!isWritten) metrics.fencedWrites.inc({ write: 'start' })
      return isWritten
    },

    async resumeRun(claim, from) {
      const isWritten = await store.resumeRun(claim, from)
      if (!isWritten) metrics.fencedWrites.inc({ write: 'start' })
      return isWritten
    },
  }
}
