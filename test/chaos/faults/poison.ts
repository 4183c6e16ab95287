/** @file Jobs that end their thread whenever they begin: three starts, then no more. Neighbors lose nothing. */
import { poisonSeed } from '../stand/sabotage.mjs'
import type { Fault } from './fault.ts'

const starts = 3

export const poison: Fault = {
  name: 'poison-job',
  says: 'a job that ends its thread each time it begins',
  asked: '3 starts, then crashed_repeatedly; neighbors are not tried again',
  tries: {
    full: { redis: 20, postgres: 10 },
    short: { redis: 3, postgres: 3 },
  },
  allowed: [],
  async run({ stand, random, tries }) {
    const { clients, sql } = stand
    const poisoned = { ...stand.trivial, training: { epochs: 2, seed: poisonSeed } }
    const [bad, good]: string[][] = [[], []]
    for (let i = 0; i < tries; i++) {
      good.push(await clients.submit(random.pick(stand.specs)))
      bad.push(await clients.submit(poisoned, { ends: ['failed'], follow: true }))
    }
    await stand.settle()
    const rows = await sql<{ id: string; code: string; attempt: number; crashed: number }>(
      `SELECT id, status_reason ->> 'code' AS code, attempt, (SELECT count(*)::int FROM runs
        WHERE job_id = jobs.id AND status = 'crashed') AS crashed
      FROM jobs WHERE id = ANY($1::text[])`,
      [[...bad, ...good]],
    )
    const problems = rows.flatMap(({ id, code, attempt, crashed }) => {
      const isPoison = bad.includes(id)
      const isRight = isPoison
        ? code === 'crashed_repeatedly' && attempt === starts && crashed === starts
        : attempt === 1
      return isRight ? [] : [`${isPoison ? 'poison' : 'a neighbor'} had ${attempt} runs (${code})`]
    })
    return { tries, recoveriesMs: [], problems }
  },
}
