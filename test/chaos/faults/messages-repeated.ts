/**
 * @file Every message is delivered five times, and messages of long ago come again: a job has one run
 * all the same. A message names no job, so an old one is as good as any.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { createQueue } from '../../../src/queue/queue.ts'
import type { Fault } from './fault.ts'

const copies = 5
const atOnce = 5
const drainWithinMs = 60_000

export const messagesRepeated: Fault = {
  name: 'messages-repeated',
  says: 'each message is delivered five times; as many come again when all is done',
  asked: '1 run each',
  tries: {
    full: { redis: 1_000, postgres: 1_000 },
    short: { redis: 100, postgres: 100 },
  },
  allowed: [],
  async run({ stand, tries }) {
    const queue = await createQueue({
      redisUrl: stand.redis?.url ?? null,
      databaseUrl: stand.postgres.urlFor('chaos'),
      onError: () => {},
    })
    try {
      for (let sent = 0; sent < tries; sent += atOnce) {
        const jobs = Array.from({ length: atOnce }, () => stand.clients.submit(stand.trivial))
        await queue.send(atOnce * (copies - 1))
        await Promise.all(jobs)
      }
      await stand.settle()
      await queue.send(tries * copies)
      for (const deadlineMs = performance.now() + drainWithinMs; ; await sleep(50)) {
        if ((await queue.countWaiting()) === 0 || performance.now() > deadlineMs) break
      }
    } finally {
      await queue.close()
    }
    await sleep(500)
    const [{ n }] = await stand.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE id = ANY($1::text[])
      AND (SELECT count(*) FROM runs WHERE job_id = jobs.id) <> 1`,
      [stand.clients.accepted.map(({ id }) => id)],
    )
    return { tries, recoveriesMs: [], problems: n > 0 ? [`${n} jobs had not exactly one run`] : [] }
  },
}
