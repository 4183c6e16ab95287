/**
 * @file The hub: one listener per process, which reads the new events of a job once and hands them to
 * all who follow it.
 *
 * The live channel says when to look; a look each second finds what it may have lost. Followers are
 * at different places, as after a reconnect: a read begins at the one furthest behind, and each is
 * given only what is new to it, in order and without a gap. One that does not read is waited for, and
 * costs no memory meanwhile.
 */
import type { JobEvent } from '../../contract/events.ts'
import type { LiveChannel } from '../../queue/live-channel.ts'
import type { Store } from '../../store/store.ts'
import { joinLosses } from './messages.ts'

export interface Follower {
  /** The last event it has. */
  readonly cursor: number
  /** False while what was sent has not been read. */
  isReady(): boolean
  /** Takes events after its cursor, in order. */
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

/**
 * How long followers are served before other requests have their turn: 300 that began at the first of
 * 90,000 losses held the event loop for 12 s.
 */
const turnMs = 10

interface Followed {
  readonly followers: Set<Follower>
  reading: boolean
  again: boolean
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
      await handOut(events, ready, job)
      if (events.length < eventsPerRead) return
    }
  }

  async function handOut(
    events: readonly JobEvent[],
    ready: readonly Follower[],
    { followers }: Followed,
  ): Promise<void> {
    const unseenAfter = createUnseen(events)
    let turnStartedAtMs = performance.now()
    for (const follower of ready) {
      const unseen = unseenAfter(follower.cursor)
      if (unseen.length > 0 && followers.has(follower)) follower.take(unseen)
      if (performance.now() - turnStartedAtMs > turnMs) {
        await nextTurn()
        turnStartedAtMs = performance.now()
      }
    }
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
      const job = jobs.get(jobId) ?? { followers: new Set(), reading: false, again: false }
      jobs.set(jobId, job)
      job.followers.add(follower)
      wake(jobId)
      return () => {
        job.followers.delete(follower)
        if (job.followers.size === 0 && jobs.get(jobId) === job) jobs.delete(jobId)
      }
    },
    close() {
      closed = true
      clearInterval(timer)
      unsubscribe()
      for (const { followers } of jobs.values()) for (const follower of followers) follower.end()
    },
  }
}

/** Followers at the same place are given the same objects, whose text is then made once. */
function createUnseen(events: readonly JobEvent[]) {
  const byCursor = new Map<number, readonly JobEvent[]>()
  return (cursor: number): readonly JobEvent[] => {
    const unseen = byCursor.get(cursor) ?? joinLosses(events.filter(({ seq }) => seq > cursor))
    byCursor.set(cursor, unseen)
    return unseen
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
