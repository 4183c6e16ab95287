/**
 * @file Training threads die: ended from outside wherever they are, by an exit, by an error. Their job
 * is tried again, and the other jobs of the process do not notice.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Process } from '../stand/process.ts'
import type { Stand } from '../stand/stand.ts'
import { keepBusy } from '../workload/load.ts'
import type { Fault, FaultContext } from './fault.ts'

const ways = ['terminate', 'exit', 'throw'] as const
const waitForDeathMs = 20_000
const lookEveryMs = 20
/** Time for a thread that has just been replaced to start, and to be given a job. */
const looksPerTry = 125

export const threadDies: Fault = {
  name: 'thread-dies',
  says: 'a training thread is terminated, exits, or throws',
  asked: 'the job is tried again, neighbours go on: all',
  tries: {
    full: { redis: 100, postgres: 50 },
    short: { redis: 0, postgres: 6 },
  },
  allowed: [],
  async run(context) {
    const { stand, random, tries } = context
    const before = await runsBy(stand)
    const pids = stand.workers.map(({ process }) => process.pid)
    const load = keepBusy(stand, random, { maxAttempts: 10 })
    let deaths = 0
    const problems: string[] = []
    for (let i = 0; i < tries; i++) {
      deaths += await oneDeath(context, random.pick(stand.workers).process)
    }
    await load.stop()
    await stand.settle()
    const after = await runsBy(stand)
    const crashed = after.crashed - before.crashed
    if (crashed < tries) problems.push(`only ${crashed} of ${tries} threads died with a job`)
    if (after.lost > before.lost) problems.push(`${after.lost - before.lost} runs were lost`)
    if (stand.workers.some(({ process }, i) => process.pid !== pids[i] || process.hasEnded())) {
      problems.push('a process died with its thread')
    }
    return { tries: deaths, recoveriesMs: await pausesOf(stand), problems }
  },
}

/** Until a run has crashed of it: a thread that has no job dies unnoticed, and another one is tried. */
async function oneDeath({ stand, random }: FaultContext, process: Process): Promise<number> {
  const before = (await runsBy(stand)).crashed
  const how = random.pick(ways)
  let crashed = before
  const deadlineMs = performance.now() + waitForDeathMs
  while (crashed === before && performance.now() < deadlineMs) {
    const n = Math.floor(random.between(0, 8))
    await process.ask(how === 'terminate' ? { order: how, n } : { order: 'arm', how })
    for (let looks = 0; looks < looksPerTry && crashed === before; looks++) {
      await sleep(lookEveryMs)
      crashed = (await runsBy(stand)).crashed
    }
  }
  await process.ask({ order: 'arm', how: '' })
  return crashed - before
}

async function runsBy({ sql }: Stand): Promise<{ crashed: number; lost: number }> {
  const [counts] = await sql<{ crashed: number; lost: number }>(
    `SELECT count(*) FILTER (WHERE status = 'crashed')::int AS crashed,
      count(*) FILTER (WHERE status = 'lost')::int AS lost FROM runs`,
  )
  return counts
}

/** From a crash to the next run of the job. */
async function pausesOf({ sql, clients }: Stand): Promise<number[]> {
  const rows = await sql<{ ms: number }>(
    `SELECT extract(epoch FROM next.started_at - runs.ended_at)::float8 * 1000 AS ms
    FROM runs JOIN runs next ON next.job_id = runs.job_id AND next.fence = runs.fence + 1
    WHERE runs.status = 'crashed' AND runs.job_id = ANY($1::text[])`,
    [clients.accepted.map(({ id }) => id)],
  )
  return rows.map(({ ms }) => ms)
}
