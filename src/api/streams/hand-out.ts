/**
 * @file Gives new events to all who follow a job, wherever they are in it.
 *
 * Those at the same place are given the same objects, whose text is then made once for all of them.
 */
import type { JobEvent } from '../../contract/events.ts'
import type { Follower } from './hub.ts'
import { joinLosses } from './messages.ts'

/**
 * How long followers are served before other requests have their turn, of which an answer takes some
 * three: 300 streams that began at the first of 90,000 losses once held the event loop for 12 s.
 */
const turnMs = 5

/** `hasLeft` is asked each time: a follower may leave while the others are served. */
export async function handOut(
  events: readonly JobEvent[],
  followers: readonly Follower[],
  hasLeft: (follower: Follower) => boolean,
): Promise<void> {
  const unseenAfter = createUnseen(events)
  let turnStartedAtMs = performance.now()
  for (const follower of followers) {
    const unseen = unseenAfter(follower.cursor)
    if (unseen.length > 0 && !hasLeft(follower)) follower.take(unseen)
    if (performance.now() - turnStartedAtMs > turnMs) {
      await nextTurn()
      turnStartedAtMs = performance.now()
    }
  }
}

function createUnseen(events: readonly JobEvent[]) {
  const byCursor = new Map<number, readonly JobEvent[]>()
  return (cursor: number): readonly JobEvent[] => {
    const unseen = byCursor.get(cursor) ?? joinLosses(events.filter(({ seq }) => seq > cursor))
    byCursor.set(cursor, unseen)
    return unseen
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
