/** @file Events as text for an event stream: one message each, losses that come together in one. */
import type { JobEvent } from '../../contract/events.ts'

type LossEvent = Extract<JobEvent, { type: 'loss' }>

/** So that a message of a long series that is replayed stays small: 100 KiB, as of one write. */
const pointsPerMessage = 2_000

/** Joins losses that follow each other: all their points, the number and progress of the last. */
export function joinLosses(events: readonly JobEvent[]): JobEvent[] {
  const joined: JobEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'loss' && last?.type === 'loss' && fitTogether(last, event)) {
      joined[joined.length - 1] = join(last, event)
    } else {
      joined.push(event)
    }
  }
  return joined
}

function fitTogether(one: LossEvent, next: LossEvent): boolean {
  return one.data.points.length + next.data.points.length <= pointsPerMessage
}

function join(one: LossEvent, next: LossEvent): LossEvent {
  return { ...next, data: { ...next.data, points: [...one.data.points, ...next.data.points] } }
}

/** Of events that many are sent; gone with the event itself. */
const messages = new WeakMap<JobEvent, Buffer>()

/**
 * `data` is one line: JSON has no line breaks of its own. Bytes, which streams that are not read share:
 * of a text, each would hold a copy.
 */
export function toMessage(event: JobEvent): Buffer {
  const known = messages.get(event)
  if (known) return known
  const { seq, type, at, data } = event
  const text = `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ at, ...data })}\n\n`
  const message = Buffer.from(text)
  messages.set(event, message)
  return message
}
