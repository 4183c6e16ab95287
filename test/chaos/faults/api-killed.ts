/**
 * @file SIGKILL of the process that answers, while requests are under way: a client that asks again
 * with its idempotency key gets the one job, and a reader goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { keepBusy, postSteadily } from '../workload/load.ts'
import type { Fault } from './fault.ts'

const startWithinMs = 5_000

export const apiKilled: Fault = {
  name: 'api-killed',
  says: 'SIGKILL of the api while requests and streams are under way',
  asked: 'with the same Idempotency-Key one job; start ≤ 5 s',
  tries: {
    full: { redis: 30, postgres: 15 },
    short: { redis: 3, postgres: 0 },
  },
  allowed: [],
  async run({ stand, random, tries }) {
    const loads = [keepBusy(stand, random), postSteadily(stand, 100)]
    const recoveriesMs: number[] = []
    for (let i = 0; i < tries; i++) {
      await sleep(random.between(200, 1_000))
      const victim = random.pick(stand.apis)
      await victim.process.end('SIGKILL')
      await victim.up()
      recoveriesMs.push(victim.process.startedInMs)
    }
    await Promise.all(loads.map((load) => load.stop()))
    await stand.settle()
    const slow = recoveriesMs.filter((ms) => ms > startWithinMs)
    return { tries, recoveriesMs, problems: slow.map((ms) => `a start took ${Math.round(ms)} ms`) }
  },
}
