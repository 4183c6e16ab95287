/** @file SIGKILL of everything at one moment, Postgres and Redis too; then all of it comes back in any order. */
import { setTimeout as sleep } from 'node:timers/promises'

import { keepBusy, postSteadily } from '../workload/load.ts'
import type { Fault } from './fault.ts'

export const everythingKilled: Fault = {
  name: 'everything-killed',
  says: 'everything is killed at once and started in random order',
  asked: 'I1 to I5',
  tries: {
    full: { redis: 20, postgres: 10 },
    short: { redis: 1, postgres: 0 },
  },
  allowed: [503],
  async run({ stand, random, tries }) {
    const { postgres, redis, slots, clients } = stand
    const loads = [keepBusy(stand, random), postSteadily(stand, 300)]
    const recoveriesMs: number[] = []
    for (let i = 0; i < tries; i++) {
      await sleep(random.between(500, 4_000))
      await Promise.all([
        ...slots.map(({ process }) => process.end('SIGKILL')),
        postgres.kill(),
        redis?.kill(),
      ])
      const killedAtMs = performance.now()
      const starts = [
        () => postgres.start(),
        ...(redis ? [() => redis.start()] : []),
        ...slots.map((slot) => () => slot.up()),
      ]
      const starting = random.shuffled(starts).map(async (start, place) => {
        await sleep(place * random.between(50, 300))
        await start()
      })
      await Promise.all(starting)
      await clients.submit(stand.trivial)
      recoveriesMs.push(performance.now() - killedAtMs)
    }
    await Promise.all(loads.map((load) => load.stop()))
    await stand.settle()
    return { tries, recoveriesMs, problems: [] }
  },
}
