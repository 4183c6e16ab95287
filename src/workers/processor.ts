/**
 * @file What a message sets off: claim the next job, train it, record its end.
 *
 * A message is delivered at least once, and perhaps late or twice: whoever finds nothing to claim
 * returns. One message waits where there is something that does not fit yet. It counts as worked on when the training has ended; the end is recorded beside the next
 * job's training, so that threads do not wait for Postgres.
 */
import { hostname } from 'node:os'

import { crashPoint } from '../faults/crash-point.ts'
import { isDatabaseUnavailable, tellableReason } from '../store/database-errors.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import type { RunEnd } from '../store/runs/finish-runs.ts'
import { PoolStopped } from '../threads/pool-stopped.ts'
import { type HeldRun, holdRun } from './held-run.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { observeEnd, observeRun } from './observed-run.ts'
import { createRoom, type Occupied, type Place, placesPerThread, shortSeconds } from './room.ts'
import {
  crashedRunEnd,
  crowdedRunEnd,
  databaseAwayRunEnd,
  outOfTimeRunEnd,
  releasedRunEnd,
} from './run-end.ts'
import { recordEnd, trainJob } from './run-job.ts'
import { limitTime } from './time-limit.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface ProcessorOptions extends WorkerParts {
  readonly leases: LeaseKeeper
  readonly leaseSeconds: number
  /** Sends one more message. */
  readonly ring: () => Promise<void>
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
  /** Planned memory that another job could have. */
  freeBytes(): number
}

/** What a claim has met on its way: a job that does not fit yet. */
interface Met {
  crowd: boolean
}

/** As runs show it to clients. */
export const workerName = `${hostname()}:${process.pid}`

export function createProcessor(options: ProcessorOptions): Processor {
  const { store, pool, leases, leaseSeconds, numericsVersion, live, relay, limits } = options
  const room = createRoom(pool)
  const ends = new Set<Promise<void>>()
  let releasing = false
  let isOneWaiting = false

  async function claimFor(
    place: Place,
    met: Met,
  ): Promise<{ job: ClaimedJob; run: HeldRun } | null> {
    const [askedAtMs, askedAt] = [performance.now(), Date.now()]
    const job = await store.claimNext({
      worker: workerName,
      leaseSeconds,
      freeBytes: room.freeBytes(),
      totalBytes: pool.memoryBytes,
      maxSeconds: place === 'short' ? shortSeconds : null,
      limits,
      onCrowded() {
        met.crowd = true
      },
    })
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

  async function claimAndOccupy(place: Place, met: Met) {
    let claimed: Awaited<ReturnType<typeof claimFor>> = null
    let occupied: Occupied | undefined
    try {
      if (!releasing) claimed = await claimFor(place, met)
    } finally {
      occupied = room.occupy(place, claimed?.job.plan ?? null)
    }
    return claimed && { ...claimed, ...occupied }
  }

  async function claimOne(met: Met) {
    const place = await room.enter()
    crashPoint('run.room_entered')
    const claimed = await claimAndOccupy(place, met)
    if (claimed || place === 'any') return claimed
    // The message may stand for a long job: it waits for a thread.
    met.crowd = false
    return claimAndOccupy(await room.enter('any'), met)
  }

  /** For a job that does not fit yet, one message stays until others have made room. */
  async function claimInTime() {
    const met = { crowd: false }
    let departures = room.departures
    let claimed = await claimOne(met)
    if (claimed || !met.crowd || isOneWaiting) return claimed
    isOneWaiting = true
    try {
      while (!claimed && met.crowd && (await room.departureAfter(departures))) {
        departures = room.departures
        met.crowd = false
        claimed = await claimOne(met)
      }
    } finally {
      isOneWaiting = false
    }
    // Others that found no room are gone: one of them may be next.
    if (claimed) void options.ring()
    return claimed
  }

  async function processOne(): Promise<void> {
    crashPoint('run.message_received')
    const claimed = await claimInTime()
    if (!claimed) return
    const { job, run, fits, threads } = claimed
    const ending = fits ? runToEnd(job, run, threads) : Promise.resolve(crowdedRunEnd)
    const end = await ending.finally(() => room.leave(job.plan, threads))
    // Forgotten first: the statement that records the end holds the row, and checks the fence.
    leases.forget(run)
    const recorded = recordEnd(options, run, end)
      .then((kept) => observeEnd(run, kept))
      .finally(() => ends.delete(recorded))
    ends.add(recorded)
    if (end.jobStatus === 'queued') recorded.then(relay.wake)
    if (job.isLimited) recorded.then(options.ring)
    if (ends.size > pool.threads * 4) await Promise.race(ends)
  }

  async function runToEnd(job: ClaimedJob, run: HeldRun, threads: number): Promise<RunEnd> {
    try {
      if (job.numericsVersion !== numericsVersion) {
        const held = await store.startOver(run, numericsVersion)
        crashPoint('run.started_over')
        if (!held) run.lose()
      }
      return await trainInTime(job, run, threads)
    } catch (error) {
      if (error instanceof PoolStopped) return releasedRunEnd
      if (isDatabaseUnavailable(error)) {
        run.log.warn({ err: error }, 'a run could not be read')
        return databaseAwayRunEnd
      }
      run.log.error({ err: error }, 'a run broke')
      return crashedRunEnd(tellableReason(error))
    }
  }

  async function trainInTime(job: ClaimedJob, run: HeldRun, threads: number): Promise<RunEnd> {
    const limit = job.maxSeconds ?? limits.job_seconds
    const trained = job.attempt > 1 ? await store.countSeconds(job.jobId) : 0
    crashPoint('run.seconds_counted')
    if (trained >= limit) return outOfTimeRunEnd(limit)
    const time = limitTime(run, (limit - trained) * 1000)
    try {
      const end = await trainJob(options, job, run, threads)
      const isOver = time.isOver && end.jobStatus === 'paused'
      return isOver ? { ...end, ...outOfTimeRunEnd(limit) } : end
    } finally {
      time.stop()
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
    freeBytes: room.freeBytes,
  }
}
