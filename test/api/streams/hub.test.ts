import { afterEach, expect, test, vi } from 'vitest'

import { createHub, type Follower } from '../../../src/api/streams/hub.ts'
import type { JobEvent } from '../../../src/contract/events.ts'
import type { Listener } from '../../../src/queue/live-channel.ts'

const event = (seq: number): JobEvent => ({
  seq,
  type: 'log',
  at: '2026-01-01T00:00:00.000Z',
  data: { level: 'info', message: String(seq) },
})

/** A job whose events are a list, in memory: the hub's own logic is what is tested here. */
function aHub(events: JobEvent[]) {
  const listeners = new Set<Listener>()
  const readEvents = vi.fn(async (_job: string, after: number, limit: number) =>
    events.filter(({ seq }) => seq > after).slice(0, limit),
  )
  const hub = createHub({
    live: {
      subscribe(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    store: {
      readEvents,
      readLastSeqs: async () => new Map([['job', events.length]]),
    },
    onError: (error) => {
      throw error
    },
  })
  closers.push(hub.close)
  const tell = () => {
    for (const listener of listeners) listener(['job'], new Set())
  }
  return { hub, readEvents, tell }
}

function aFollower(cursor = 0): Follower & { readonly seen: number[]; ready: boolean } {
  const seen: number[] = []
  const follower = {
    seen,
    ready: true,
    get cursor() {
      return seen.at(-1) ?? cursor
    },
    isReady: () => follower.ready,
    take: (events: readonly JobEvent[]) => {
      seen.push(...events.map(({ seq }) => seq))
    },
    end: () => {},
  }
  return follower
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

test('gives every follower each event once and in order, wherever it begins', async () => {
  const events = upTo(450).map(event)
  const { hub, tell } = aHub(events)
  const [fresh, behind] = [aFollower(0), aFollower(100)]
  hub.follow('job', fresh)
  hub.follow('job', behind)
  await vi.waitFor(() => expect(fresh.seen).toEqual(upTo(450)))
  await vi.waitFor(() => expect(behind.seen).toEqual(upTo(450, 101)))

  events.push(event(451), event(452))
  tell()
  tell()
  await vi.waitFor(() => expect(fresh.seen).toEqual(upTo(452)))
  await vi.waitFor(() => expect(behind.seen).toEqual(upTo(452, 101)))
})

test('reads once for all who are at the same place', async () => {
  const events = [event(1)]
  const { hub, tell, readEvents } = aHub(events)
  const followers = Array.from({ length: 50 }, () => aFollower(1))
  for (const follower of followers) hub.follow('job', follower)
  await vi.waitFor(() => expect(readEvents.mock.calls.length).toBeGreaterThan(0))
  await new Promise((resolve) => setTimeout(resolve, 20))
  readEvents.mockClear()
  events.push(event(2))
  tell()

  await vi.waitFor(() => expect(followers.every(({ seen }) => seen[0] === 2)).toBe(true))
  expect(readEvents).toHaveBeenCalledTimes(1)
})

test('waits for a follower that does not read, and gives it all it missed', async () => {
  const events = [event(1)]
  const { hub, tell } = aHub(events)
  const slow = aFollower()
  slow.ready = false
  hub.follow('job', slow)
  events.push(event(2))
  tell()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(slow.seen).toEqual([])

  slow.ready = true
  hub.wake('job')
  await vi.waitFor(() => expect(slow.seen).toEqual([1, 2]))
})

test('finds by itself what the live channel has lost', async () => {
  const events = [event(1)]
  const { hub } = aHub(events)
  const follower = aFollower()
  hub.follow('job', follower)
  await vi.waitFor(() => expect(follower.seen).toEqual([1]))
  events.push(event(2))

  await vi.waitFor(() => expect(follower.seen).toEqual([1, 2]), { timeout: 2_000 })
})

const loss = (seq: number): JobEvent => ({
  seq,
  type: 'loss',
  at: '2026-01-01T00:00:00.000Z',
  data: {
    progress: { step: seq, steps: 9, epoch: 0, epochs: 1, eta_seconds: null },
    points: [{ name: 'loss', step: seq, value: 1 }],
  },
})

test('lets losses wait for each other, and nothing else: what comes after them takes them along', async () => {
  const events = [loss(1)]
  const { hub, tell } = aHub(events)
  const taken: number[][] = []
  const follower = { ...aFollower(), take: (given: readonly JobEvent[]) => note(given) }
  Object.defineProperty(follower, 'cursor', { get: () => taken.flat().at(-1) ?? 0 })
  const note = (given: readonly JobEvent[]) => {
    taken.push(given.map(({ seq }) => seq))
  }
  hub.follow('job', follower)
  await vi.waitFor(() => expect(taken).toEqual([[1]]))
  events.push(loss(2))
  tell()
  await new Promise((resolve) => setTimeout(resolve, 20))
  events.push(loss(3))
  tell()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(taken).toEqual([[1]])
  // 2 and 3 in one message, before the look each second.
  await vi.waitFor(() => expect(taken).toEqual([[1], [3]]), { timeout: 500 })

  events.push(loss(4), event(5))
  tell()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(taken).toEqual([[1], [3], [4, 5]])
})

test('gives the rest, once, to a follower that could take only the first', async () => {
  const events = upTo(3).map(event)
  const { hub } = aHub(events)
  const follower = aFollower()
  const takeAll = follower.take
  follower.take = (given) => {
    takeAll(given.slice(0, 1))
    follower.ready = false
  }
  hub.follow('job', follower)
  for (const last of [1, 2, 3]) {
    await vi.waitFor(() => expect(follower.seen).toEqual(upTo(last)))
    follower.ready = true
    hub.wake('job')
  }
})

test('gives nothing to a follower that has left', async () => {
  const events = [event(1)]
  const { hub, tell } = aHub(events)
  const follower = aFollower()
  const leave = hub.follow('job', follower)
  await vi.waitFor(() => expect(follower.seen).toEqual([1]))
  leave()
  events.push(event(2))
  tell()
  await new Promise((resolve) => setTimeout(resolve, 20))

  expect(follower.seen).toEqual([1])
})
