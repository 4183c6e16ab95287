/**
 * @file Losses go out at most four times a second, however often a worker writes: those that come
 * sooner wait for each other and become one message. Nothing else waits, and nothing overtakes.
 */
import type { JobEvent } from '../../contract/events.ts'
import { joinLosses } from './messages.ts'

export interface LossPacer {
  /** Events in order; what must wait is sent later, by itself. */
  take(events: readonly JobEvent[]): void
  /** Forgets what waits. */
  stop(): void
}

const lossEveryMs = 250

export function createLossPacer(send: (event: JobEvent) => void): LossPacer {
  let held: JobEvent[] = []
  let lossSentAtMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    const waitMs = lossSentAtMs + lossEveryMs - performance.now()
    const lastWaits = held.at(-1)?.type === 'loss' && waitMs > 0
    for (const event of lastWaits ? held.slice(0, -1) : held) {
      send(event)
      if (event.type === 'loss') lossSentAtMs = performance.now()
    }
    held = lastWaits ? held.slice(-1) : []
    if (lastWaits) timer = setTimeout(flush, waitMs)
  }

  return {
    take(events) {
      held = joinLosses([...held, ...events])
      flush()
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
