/**
 * @file The hub: one listener per process, which reads the new events of a job once and hands them to
 * all who follow it.
 *
 * The live channel says when to look; a look each second finds what it may have lost. Followers are
 * at different places, as after a reconnect: a read begins at the one furthest behind, and each is
 * given only what is new to it, in order and without a gap. One that does not read is waited for, and
 * costs no memory meanwhile.
 *
 * Losses go out at most four times a second, however often a worker writes: those that come sooner wait
 * for each other and become one message. Nothing else waits, and nothing overtakes. They wait here, and
 * not with each follower: thousands of timers that end at once would hold the event loop.
 */
import type { JobEvent } from '../../contract/events.ts'
import type { LiveChannel } from '../../queue/live-channel.ts'
import type { Store } from '../../store/store.ts'
import { handOut } from './hand-out.ts'

export interface Follower {
  /** The last event it has. */
  readonly cursor: number
  /** False while what was sent has not been read. */
  isReady(): boolean
  /** Takes events after its cursor, in order: the first of them at least, when it is ready. */
  take(events: readonly JobEvent[]): void
  /** The job was deleted, or the service stops. */
  end(): void
}

export interface Hub {
  /** Returns the way to leave. */
  follow(jobId: string, follower: Follower): () => void
  /** To be called when a follower that was not ready has become so. */
  wake(jobId: string): void
  /** Ends every follower. */
  close(): void
}

export interface HubOptions {
  readonly live: Pick<LiveChannel, 'subscribe'>
  readonly store: Pick<Store, 'readEvents' | 'readLastSeqs'>
  readonly onError: (error: Error) => void
}

const eventsPerRead = 200
const lookEveryMs = 1_000

/** From the last loss that went out to the next. */
const lossEveryMs = 250

interface Followed {
  readonly followers: Set<Follower>
  reading: boolean
  again: boolean
  /** When losses went out last. */
  lossesAtMs: number
  /** Set while losses wait. */
  timer: NodeJS.Timeout | undefined
}

export function createHub({ live, store, onError }: HubOptions): Hub {
  const jobs = new Map<string, Followed>()
  let closed = false
  let failing = false

  function wake(jobId: string): void {
    const job = jobs.get(jobId)
    if (!job) return
    if (job.reading) {
      job.again = true
      return
    }
    job.reading = true
    readAll(jobId, job)
      .catch(onError)
      .finally(() => {
        job.reading = false
        if (job.again) {
          job.again = false
          wake(jobId)
        }
      })
  }

  async function readAll(jobId: string, job: Followed): Promise<void> {
    for (;;) {
      const ready = [...job.followers].filter((follower) => follower.isReady())
      if (ready.length === 0) return
      const after = Math.min(...ready.map(({ cursor }) => cursor))
      const events = await store.readEvents(jobId, after, eventsPerRead)
      const isAll = events.length < eventsPerRead
      const waitMs = isAll ? job.lossesAtMs + lossEveryMs - performance.now() : 0
      const due = waitMs > 0 ? withoutLastLosses(events) : events
      await handOut(due, ready, (follower) => !job.followers.has(follower))
      if (due.some(({ type }) => type === 'loss')) job.lossesAtMs = performance.now()
      if (due.length < events.length) lookAgain(jobId, job, waitMs)
      if (isAll) return
    }
  }

  function lookAgain(jobId: string, job: Followed, afterMs: number): void {
    job.timer ??= setTimeout(() => {
      job.timer = undefined
      wake(jobId)
    }, afterMs)
  }

  async function look(): Promise<void> {
    if (jobs.size === 0) return
    const seqs = await store.readLastSeqs([...jobs.keys()])
    for (const [jobId, { followers }] of jobs) {
      const lastSeq = seqs.get(jobId)
      // Deleted; a job that is followed since this look began is not missed by the next.
      if (lastSeq === undefined) for (const follower of followers) follower.end()
      else if ([...followers].some(({ cursor }) => cursor < lastSeq)) wake(jobId)
    }
  }

  const unsubscribe = live.subscribe((jobIds) => jobIds.forEach(wake))
  const timer = setInterval(() => {
    look().then(
      () => {
        failing = false
      },
      (error) => {
        if (!failing) onError(error) // once an outage, not once a second
        failing = true
      },
    )
  }, lookEveryMs)

  return {
    wake,
    follow(jobId, follower) {
      if (closed) {
        follower.end()
        return () => {}
      }
      const job = jobs.get(jobId) ?? newlyFollowed()
      jobs.set(jobId, job)
      job.followers.add(follower)
      wake(jobId)
      return () => {
        job.followers.delete(follower)
        if (job.followers.size > 0) return
        clearTimeout(job.timer)
        if (jobs.get(jobId) === job) jobs.delete(jobId)
      }
    },
    close() {
      closed = true
      clearInterval(timer)
      unsubscribe()
      for (const { followers, timer } of jobs.values()) {
        clearTimeout(timer)
        for (const follower of followers) follower.end()
      }
    },
  }
}

function newlyFollowed(): Followed {
  const lossesAtMs = Number.NEGATIVE_INFINITY
  return { followers: new Set(), reading: false, again: false, lossesAtMs, timer: undefined }
}

function withoutLastLosses(events: readonly JobEvent[]): readonly JobEvent[] {
  return events.slice(0, events.findLastIndex(({ type }) => type !== 'loss') + 1)
}
