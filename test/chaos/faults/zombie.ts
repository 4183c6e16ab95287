/**
 * @file A worker that is stopped for longer than its leases last, and then goes on as if nothing had
 * happened: others have finished its jobs by then, and it must not write to them any more.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Slot } from '../stand/slot.ts'
import type { Stand } from '../stand/stand.ts'
import { keepBusy } from '../workload/load.ts'
import type { Fault, FaultContext } from './fault.ts'
import { describeTakeovers, type Loss, lateOnes, takeoversOf } from './takeovers.ts'
import { whileWriting } from './while-writing.ts'

const threads = 4
/** What it wanted to write when it was stopped, and what its threads have computed since. */
const awakeMs = 3_000
const busyWithinMs = 5_000
/** Jobs come one by one, to all processes, and train for seconds until their first checkpoint. */
const writesWithinMs = 15_000
/** Until one was stopped in the middle of a checkpoint, however few tries are asked for. */
const mostRounds = 4
const finishWithinMs = 90_000

export const zombie: Fault = {
  name: 'zombie-worker',
  says: 'SIGSTOP of a worker past its leases, another finishes its jobs, SIGCONT',
  asked: '0 writes under the old fence',
  tries: {
    full: { redis: 100, postgres: 50 },
    short: { redis: 2, postgres: 2 },
  },
  allowed: [],
  async run(context) {
    const { stand, tries, isShort } = context
    const zombies: Slot[] = []
    const role = stand.shape === 'redis' ? 'worker' : 'all'
    for (let i = 0; i < (isShort ? 1 : 3); i++) zombies.push(await stand.open(role, threads))
    const losses: Loss[] = []
    let [held, changed, writing] = [0, 0, 0]
    for (let i = 0; held < tries || (writing === 0 && i < mostRounds); i++) {
      const round = await oneRound(context, zombies, i)
      held += round.held
      changed += round.changed
      writing += round.writing
      losses.push(...round.losses)
    }
    await stand.trim()
    const takeovers = await takeoversOf(stand, losses)
    const problems = lateOnes(stand, takeovers)
    if (writing === 0) problems.push('none was stopped in the middle of a checkpoint')
    if (changed > 0) problems.push(`${changed} jobs changed after the zombie awoke`)
    return {
      tries: held,
      recoveriesMs: takeovers.map(({ backMs }) => backMs),
      problems,
      notes: [
        `${writing} were stopped in the middle of a checkpoint`,
        describeTakeovers(takeovers),
      ],
    }
  },
}

async function oneRound(context: FaultContext, zombies: readonly Slot[], round: number) {
  const { stand, random } = context
  await Promise.all(zombies.map((slot) => slot.up()))
  const load = keepBusy(stand, random)
  const losses: Loss[] = []
  const held: string[] = []
  let writing = 0
  for (let awake = zombies; awake.length > 0; ) {
    const frozen = await freeze(context, awake, (round + awake.length) % 2 === 1)
    awake = awake.filter((slot) => slot !== frozen.slot)
    writing += frozen.writing
    const { pid } = frozen.slot.process
    losses.push({ pid, atMs: Date.now() })
    held.push(...(await heldBy(stand, pid)))
  }
  await load.stop()
  try {
    await untilEnded(stand, held)
    const before = await contentOf(stand, held)
    for (const { process } of zombies) process.signal('SIGCONT')
    await sleep(awakeMs)
    await stand.settle()
    const after = await contentOf(stand, held)
    const changed = [...before].filter(([id, content]) => after.get(id) !== content).length
    return { held: held.length, changed, losses, writing }
  } finally {
    for (const { process } of zombies) process.signal('SIGCONT')
  }
}

/**
 * At any moment; or in the middle of a checkpoint, whose transaction then rests with the job's row
 * locked for as long as Postgres lets it.
 */
async function freeze(
  { stand, random }: FaultContext,
  awake: readonly Slot[],
  isWriting: boolean,
): Promise<{ slot: Slot; writing: number }> {
  const stop = ({ process }: Slot) => process.signal('SIGSTOP')
  // The first checkpoint of a job comes soon after it begins.
  const hit = isWriting && (await whileWriting(stand, 'checkpoints', awake, stop, writesWithinMs))
  if (hit) return { slot: hit, writing: 1 }
  const [slot] = awake
  await untilBusy(stand, slot.process.pid)
  await sleep(random.between(0, 200))
  stop(slot)
  return { slot, writing: 0 }
}

/** It has a job on most of its threads; or, at last, whatever it has. */
async function untilBusy(stand: Stand, pid: number): Promise<void> {
  for (const deadlineMs = performance.now() + busyWithinMs; ; await sleep(10)) {
    const { length } = await heldBy(stand, pid)
    if (length >= threads - 1 || performance.now() > deadlineMs) return
  }
}

async function heldBy({ sql }: Stand, pid: number): Promise<string[]> {
  const rows = await sql<{ id: string }>(
    `SELECT id FROM jobs WHERE status = 'running' AND owner LIKE '%:' || $1`,
    [pid],
  )
  return rows.map(({ id }) => id)
}

async function untilEnded({ sql }: Stand, ids: readonly string[]): Promise<void> {
  for (const deadlineMs = performance.now() + finishWithinMs; ; await sleep(100)) {
    const [{ n }] = await sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE id = ANY($1::text[]) AND status IN ('queued', 'running')`,
      [ids],
    )
    if (n === 0 || performance.now() > deadlineMs) return
  }
}

/** Everything that a run can write, as one hash for each job. */
async function contentOf({ sql }: Stand, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql<{ id: string; content: string }>(
    `SELECT id, md5(concat_ws(E'\\n', jobs::text,
      (SELECT string_agg(losses::text, ';' ORDER BY name, step) FROM losses WHERE job_id = jobs.id),
      (SELECT string_agg(events::text, ';' ORDER BY seq) FROM events WHERE job_id = jobs.id),
      (SELECT string_agg(runs::text, ';' ORDER BY fence) FROM runs WHERE job_id = jobs.id),
      (SELECT string_agg(checkpoints::text, ';' ORDER BY id) FROM checkpoints WHERE job_id = jobs.id),
      (SELECT weights::text FROM weights WHERE job_id = jobs.id))) AS content
    FROM jobs WHERE id = ANY($1::text[])`,
    [ids],
  )
  return new Map(rows.map(({ id, content }) => [id, content]))
}
