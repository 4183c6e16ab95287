/**
 * @file A cancel that comes when the job is about to end: it is cancelled or it has succeeded, never
 * both, and one that still ran stops within a second.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Fault, FaultContext } from './fault.ts'

const stopWithinMs = 1_000
/** Longer than the job takes, so that some cancels come too late. */
const latestMs = 1_500
const atOnce = 4

export const cancelRaces: Fault = {
  name: 'cancel-races',
  says: 'a cancel races with the end of the job',
  asked: 'one terminal state; stops ≤ 1 s',
  tries: {
    full: { redis: 500, postgres: 250 },
    short: { redis: 20, postgres: 20 },
  },
  allowed: [],
  async run(context) {
    const { stand, tries } = context
    const stops: number[] = []
    let raced = 0
    const racing = Array.from({ length: atOnce }, async () => {
      while (raced < tries) {
        raced += 1
        const stopMs = await race(context)
        if (stopMs !== null) stops.push(stopMs)
      }
    })
    await Promise.all(racing)
    await stand.settle()
    const late = stops.filter((ms) => ms > stopWithinMs)
    return {
      tries: raced,
      recoveriesMs: stops,
      problems: late.map((ms) => `one stopped after ${Math.round(ms)} ms`),
      notes: [`${stops.length} were cancelled, ${raced - stops.length} had succeeded`],
    }
  },
}

/** Milliseconds from the cancel's answer to the end; null where the end was first. */
async function race({ stand, random }: FaultContext): Promise<number | null> {
  const { clients, sql } = stand
  const id = await clients.submit(random.pick(stand.specs), { ends: ['succeeded', 'cancelled'] })
  for (;;) {
    const [{ status }] = await sql<{ status: string }>('SELECT status FROM jobs WHERE id = $1', [
      id,
    ])
    if (status !== 'queued') break
    await sleep(20)
  }
  await sleep(random.between(0, latestMs))
  const response = await clients.call({ method: 'POST', path: `/v1/jobs/${id}/cancel` })
  const answeredAtMs = Date.now()
  await response.arrayBuffer()
  for (;;) {
    const [job] = await sql<{ status: string; ended_at: Date | null }>(
      'SELECT status, ended_at FROM jobs WHERE id = $1',
      [id],
    )
    if (job.ended_at) {
      return job.status === 'cancelled' ? Math.max(0, job.ended_at.getTime() - answeredAtMs) : null
    }
    await sleep(20)
  }
}
