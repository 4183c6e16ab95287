/**
 * @file Postgres is restarted, killed, hangs: clients get 503 and nothing worse, training goes on, and
 * all is as before within seconds, down to the number of connections.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Stand } from '../stand/stand.ts'
import { keepBusy, postSteadily } from '../workload/load.ts'
import type { Fault, FaultContext, FaultReport } from './fault.ts'

const backWithinMs = 5_000
const quietMs = 2_000

/** `strike` returns when Postgres is there again. */
async function repeatedly(
  { stand, random, tries }: FaultContext,
  strike: (stand: Stand) => Promise<void>,
): Promise<FaultReport> {
  const before = await connectionsOf(stand)
  const loads = [keepBusy(stand, random), postSteadily(stand, 200)]
  const recoveriesMs: number[] = []
  for (let i = 0; i < tries; i++) {
    await sleep(random.between(500, quietMs))
    await strike(stand)
    recoveriesMs.push(await untilServed(stand))
  }
  await Promise.all(loads.map((load) => load.stop()))
  await stand.settle()
  const late = recoveriesMs.filter((ms) => ms > backWithinMs)
  return {
    tries,
    recoveriesMs,
    problems: [
      ...late.map((ms) => `was back after ${Math.round(ms)} ms`),
      ...(await leaksOf(stand, before)),
    ],
    notes: [`${stand.clients.tally.count(503)} answers were 503`],
  }
}

/** From now until every process with an API has written a job again. */
async function untilServed({ apis, clients, trivial }: Stand): Promise<number> {
  const startedAtMs = performance.now()
  for (const _ of apis) await clients.submit(trivial)
  return performance.now() - startedAtMs
}

async function connectionsOf({ sql }: Stand): Promise<Map<string, number>> {
  const rows = await sql<{ name: string; n: number }>(
    `SELECT application_name AS name, count(*)::int AS n FROM pg_stat_activity
    WHERE application_name <> 'chaos' AND backend_type = 'client backend' GROUP BY 1`,
  )
  return new Map(rows.map(({ name, n }) => [name, n]))
}

/** Four pools, the queue's and the live channel's connections; as the settings of the stand allow them. */
const mostConnections = 6 + (2 + 4) + 4 + 2 + (2 + 4) + 2

async function leaksOf(stand: Stand, before: Map<string, number>): Promise<string[]> {
  const problems: string[] = []
  for (const [name, n] of await connectionsOf(stand)) {
    if (n > mostConnections) {
      problems.push(`${name} has ${n} connections, ${before.get(name) ?? 0} before`)
    }
  }
  const [{ n }] = await stand.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s'`,
  )
  if (n > 0) problems.push(`${n} connections rest inside a transaction`)
  return problems
}

const asked = 'only 503; back ≤ 5 s; no leaked connection'

export const postgresRestarted: Fault = {
  name: 'postgres-restarted',
  says: 'fast restart of Postgres',
  asked,
  tries: {
    full: { redis: 10, postgres: 10 },
    short: { redis: 2, postgres: 2 },
  },
  allowed: [503],
  run: (context) =>
    repeatedly(context, async ({ postgres }) => {
      await postgres.stop()
      await postgres.start()
    }),
}

export const postgresKilled: Fault = {
  name: 'postgres-killed',
  says: 'SIGKILL of all processes of Postgres',
  asked,
  tries: {
    full: { redis: 10, postgres: 10 },
    short: { redis: 0, postgres: 1 },
  },
  allowed: [503],
  run: (context) =>
    repeatedly(context, async ({ postgres }) => {
      await postgres.kill()
      await postgres.start()
    }),
}

const hangMs = 8_000

export const postgresHung: Fault = {
  name: 'postgres-hung',
  says: 'SIGSTOP of all processes of Postgres for 8 s, longer than a request waits',
  asked,
  tries: {
    full: { redis: 5, postgres: 5 },
    short: { redis: 0, postgres: 1 },
  },
  allowed: [503],
  run: (context) =>
    repeatedly(context, async ({ postgres }) => {
      postgres.signal('SIGSTOP')
      await sleep(hangMs)
      postgres.signal('SIGCONT')
    }),
}
