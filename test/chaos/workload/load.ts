/**
 * @file Work that goes on while a fault strikes: enough that every thread trains, and so little that a
 * job which comes back to the queue finds a thread.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Random } from '../random.ts'
import type { Stand } from '../stand/stand.ts'
import type { SubmitOptions } from './clients.ts'

export interface Load {
  /** Resolves when no request is under way any more. */
  stop(): Promise<void>
}

const lookEveryMs = 100
const atOnce = 4
/** Every so many jobs one is followed as a stream. */
const followEvery = 3

/** Submits one of the specs whenever nothing waits in the queue. */
export function keepBusy(
  stand: Stand,
  random: Random,
  options: Pick<SubmitOptions, 'maxAttempts'> = {},
): Load {
  let stopped = false
  let submitted = 0
  const underWay = new Set<Promise<unknown>>()

  async function run(): Promise<void> {
    while (!stopped) {
      const [{ n }] = await stand.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM jobs WHERE status = 'queued'`,
      )
      if (n === 0 && underWay.size < atOnce) {
        submitted += 1
        const follow = submitted % followEvery === 0
        const request = stand.clients.submit(random.pick(stand.specs), { follow, ...options })
        underWay.add(request)
        request.finally(() => underWay.delete(request)).catch(() => {})
      }
      await sleep(lookEveryMs)
    }
    await Promise.all(underWay)
  }

  const running = run()
  running.catch(() => {}) // told by stop
  return {
    stop() {
      stopped = true
      return running
    },
  }
}

/** POSTs a trivial job every so often, whatever becomes of those before. */
export function postSteadily(stand: Stand, everyMs: number): Load {
  const requests: Promise<unknown>[] = []
  const timer = setInterval(() => {
    const request = stand.clients.submit(stand.trivial)
    request.catch(() => {}) // told by stop
    requests.push(request)
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(requests)
    },
  }
}
