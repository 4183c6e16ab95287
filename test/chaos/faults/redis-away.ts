/**
 * @file Redis forgets everything again and again, is killed, hangs: jobs are accepted as quickly as
 * ever, and none is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { keepBusy, postSteadily } from '../workload/load.ts'
import { percentile } from '../workload/tally.ts'
import type { Fault, FaultContext, FaultReport } from './fault.ts'

const flushEveryMs = 2_000
const postLimitMs = 300
/** The reconciler looks every two seconds, and clients of Redis come back within two. */
const recoverWithinMs = 10_000

/** Jobs come in while `strike` goes on; then it is measured how long the first new one takes to begin. */
async function whileAway(
  { stand, random, isShort }: FaultContext,
  strike: () => Promise<void>,
): Promise<FaultReport> {
  const loads = [keepBusy(stand, random), postSteadily(stand, 100)]
  await strike()
  const overAtMs = Date.now()
  const id = await stand.clients.submit(stand.trivial)
  await Promise.all(loads.map((load) => load.stop()))
  await stand.settle()
  const [{ started, first, waited }] = await stand.sql<{
    started: Date | null
    first: Date | null
    waited: number
  }>(
    `SELECT started_at AS started, others.* FROM jobs CROSS JOIN LATERAL (
      SELECT min(started_at) AS first, count(*)::int AS waited FROM jobs other
      WHERE other.id < jobs.id AND other.started_at > to_timestamp($2 / 1000.0)) others
    WHERE id = $1`,
    [id, overAtMs],
  )
  const recoveryMs = started ? started.getTime() - overAtMs : Number.POSITIVE_INFINITY
  const times = stand.clients.tally.postTimes()
  // Of some dozens the 99th percentile is the worst: that says more of the machine than of the service.
  const share = isShort ? 0.9 : 0.99
  const slowest = percentile(times, share)
  const problems = []
  if (slowest > postLimitMs) problems.push(`POST p${share * 100} was ${Math.round(slowest)} ms`)
  if (recoveryMs > recoverWithinMs) {
    problems.push(`a job began ${Math.round(recoveryMs)} ms after Redis was back`)
  }
  const firstMs = first ? first.getTime() - overAtMs : 0
  return {
    tries: 1,
    recoveriesMs: [recoveryMs],
    problems,
    notes: [
      `${waited} jobs waited when it was back, the first began after ${(firstMs / 1000).toFixed(1)} s`,
      `POST p50 ${Math.round(percentile(times, 0.5))} ms, p${share * 100} ${Math.round(slowest)} ms of ${times.length}`,
    ],
  }
}

const asked = '0 lost, no 5xx, POST p99 ≤ 300 ms'

export const redisFlushed: Fault = {
  name: 'redis-flushed',
  says: 'FLUSHALL every 2 s, for 60 s (short: 20 s)',
  asked,
  tries: {
    full: { redis: 30, postgres: 0 },
    short: { redis: 10, postgres: 0 },
  },
  allowed: [],
  async run(context) {
    const { redis } = context.stand
    const report = await whileAway(context, async () => {
      for (let i = 0; i < context.tries; i++) {
        await redis?.flush()
        await sleep(flushEveryMs)
      }
    })
    return { ...report, tries: context.tries }
  },
}

export const redisKilled: Fault = {
  name: 'redis-killed',
  says: 'Redis is killed, and away for 60 s (short: 5 s)',
  asked,
  tries: {
    full: { redis: 1, postgres: 0 },
    short: { redis: 1, postgres: 0 },
  },
  allowed: [],
  run: (context) =>
    whileAway(context, async () => {
      await sleep(1_000)
      await context.stand.redis?.kill()
      await sleep(context.isShort ? 5_000 : 60_000)
      await context.stand.redis?.start()
    }),
}

export const redisHung: Fault = {
  name: 'redis-hung',
  says: 'SIGSTOP of Redis for 30 s (short: 6 s)',
  asked,
  tries: {
    full: { redis: 1, postgres: 0 },
    short: { redis: 1, postgres: 0 },
  },
  allowed: [],
  run: (context) =>
    whileAway(context, async () => {
      await sleep(1_000)
      context.stand.redis?.signal('SIGSTOP')
      await sleep(context.isShort ? 6_000 : 30_000)
      context.stand.redis?.signal('SIGCONT')
    }),
}
