/**
 * @file The clock of a worker jumps by a day, ahead and back: leases are of the database's clock and of
 * the monotonic one, so nothing is lost or taken away.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { keepBusy } from '../workload/load.ts'
import type { Fault } from './fault.ts'

const dayMs = 86_400_000
const stayMs = 2_000

export const clockJumps: Fault = {
  name: 'clock-jumps',
  says: 'the clock of a worker jumps by a day, ahead or back',
  asked: 'no lease lost, no run repeated',
  tries: {
    full: { redis: 10, postgres: 10 },
    short: { redis: 2, postgres: 2 },
  },
  allowed: [],
  async run({ stand, random, tries }) {
    const load = keepBusy(stand, random)
    for (let i = 0; i < tries; i++) {
      const { process } = random.pick(stand.workers)
      await process.ask({ order: 'clock', ms: i % 2 === 0 ? dayMs : -dayMs })
      await sleep(stayMs)
    }
    for (const { process } of stand.workers) await process.ask({ order: 'clock', ms: 0 })
    await load.stop()
    await stand.settle()
    const [{ n }] = await stand.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM jobs WHERE id = ANY($1::text[]) AND attempt <> 1',
      [stand.clients.accepted.map(({ id }) => id)],
    )
    return { tries, recoveriesMs: [], problems: n > 0 ? [`${n} jobs had more than one run`] : [] }
  },
}
