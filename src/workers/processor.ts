/**
 * @file What a message sets off: claim the next job, train it, record its end.
 *
 * A message is delivered at least once, and perhaps late or twice: whoever finds nothing to claim
 * returns. It counts as worked on when the training has ended; the end is recorded beside the next
 * job's training, so that threads do not wait for Postgres.
 */
import { hostname } from 'node:os'

import { crashPoint } from '../faults/crash-point.ts'
import { isDatabaseUnavailable } from '../store/database-errors.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import type { RunEnd } from '../store/runs/finish-runs.ts'
import { PoolStopped } from '../threads/pool-stopped.ts'
import { type HeldRun, holdRun } from './held-run.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { observeEnd, observeRun } from './observed-run.ts'
import { createRoom, type Occupied, type Place, placesPerThread, shortSeconds } from './room.ts'
import { crashedRunEnd, crowdedRunEnd, databaseAwayRunEnd, releasedRunEnd } from './run-end.ts'
import { recordEnd, trainJob } from './run-job.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface ProcessorOptions extends WorkerParts {
  readonly leases: LeaseKeeper
  readonly leaseSeconds: number
}

export interface Processor {
  /** Messages that may be worked on at once; some of them wait for room. */
  readonly concurrency: number
  /** Works on one message. Rejects when Postgres is away; the message then counts as done. */
  process(): Promise<void>
  /** Asks all runs to give their jobs back, and claims no more. */
  release(): void
  /** Resolves when every run's end was recorded. */
  idle(): Promise<void>
}

const workerName = `${hostname()}:${process.pid}`

export function createProcessor(options: ProcessorOptions): Processor {
  const { store, pool, leases, leaseSeconds, numericsVersion, live, relay } = options
  const room = createRoom(pool)
  const ends = new Set<Promise<void>>()
  let releasing = false

  async function claimFor(place: Place): Promise<{ job: ClaimedJob; run: HeldRun } | null> {
    const [askedAtMs, askedAt] = [performance.now(), Date.now()]
    const freeBytes = room.freeBytes()
    const maxSeconds = place === 'short' ? shortSeconds : null
    const job = await store.claimNext({ worker: workerName, leaseSeconds, freeBytes, maxSeconds })
    if (!job) return null
    crashPoint('run.claimed')
    const run = holdRun(job, leaseSeconds, askedAtMs, observeRun(options, job, askedAt))
    leases.keep(run)
    live.publish(job.jobId, { goesOn: true })
    // A job that comes back with an intent was asked for it before: its thread is told at once.
    if (job.intent !== 'none') run.signal(job.intent)
    if (releasing) run.signal('release')
    return { job, run }
  }

  async function claimAndOccupy(place: Place) {
    let claimed: Awaited<ReturnType<typeof claimFor>> = null
    let occupied: Occupied | undefined
    try {
      if (!releasing) claimed = await claimFor(place)
    } finally {
      occupied = room.occupy(place, claimed?.job.plan ?? null)
    }
    return claimed && { ...claimed, ...occupied }
  }

  async function processOne(): Promise<void> {
    crashPoint('run.message_received')
    const place = await room.enter()
    crashPoint('run.room_entered')
    let claimed = await claimAndOccupy(place)
    // The message may stand for a long job: it waits for a thread.
    if (!claimed && place === 'short') claimed = await claimAndOccupy(await room.enter('any'))
    if (!claimed) return
    const { job, run, fits, threads } = claimed
    const ending = fits ? runToEnd(job, run, threads) : Promise.resolve(crowdedRunEnd)
    const end = await ending.finally(() => room.leave(job.plan, threads))
    // Forgotten first: the statement that records the end holds the row, and checks the fence.
    leases.forget(run)
    const recorded = recordEnd(options, run, end).finally(() => {
      ends.delete(recorded)
      observeEnd(run, end, run.held)
    })
    ends.add(recorded)
    if (end.jobStatus === 'queued') recorded.then(relay.wake)
    if (ends.size > pool.threads * 4) await Promise.race(ends)
  }

  async function runToEnd(job: ClaimedJob, run: HeldRun, threads: number): Promise<RunEnd> {
    try {
      if (job.numericsVersion !== numericsVersion) {
        const held = await store.startOver(run, numericsVersion)
        crashPoint('run.started_over')
        if (!held) run.lose()
      }
      return await trainJob(options, job, run, threads)
    } catch (error) {
      if (error instanceof PoolStopped) return releasedRunEnd
      if (isDatabaseUnavailable(error)) {
        run.log.warn({ err: error }, 'a run could not be read')
        return databaseAwayRunEnd
      }
      run.log.error({ err: error }, 'a run broke')
      return crashedRunEnd(error instanceof Error ? error.message : String(error))
    }
  }

  return {
    concurrency: pool.threads * placesPerThread,
    process: processOne,
    release() {
      releasing = true
      for (const run of leases.runs) run.signal('release')
    },
    async idle() {
      while (ends.size > 0) await Promise.all(ends)
    },
  }
}
