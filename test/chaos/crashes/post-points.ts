/**
 * @file The API dies at each await of POST /v1/jobs. The client sends the request again with the same
 * Idempotency-Key to a program that was started in its place, and there is one job, which starts soon.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Job } from '../../../src/contract/jobs.ts'
import { type CrashPoint, crashPoints } from '../../../src/faults/crash-points.ts'
import type { Client } from '../../e2e/support/client.ts'
import { irisCsv } from '../../e2e/support/long-job.ts'
import type { Program } from '../../e2e/support/program.ts'
import { checkInvariants, countDamage, type NamedRequest } from '../invariants.ts'
import type { Row, RowOptions } from './row.ts'
import { armedWith, aYard, watchYard, type Yard, yardKey } from './yard.ts'

/** Those that the request passes, in its order. */
export const postPoints: readonly CrashPoint[] = crashPoints.filter((point) =>
  /^(post_job|answer)\./.test(point),
)

const startsWithinMs = 5_000

export async function crashPosts(options: RowOptions): Promise<Row> {
  const yard = await aYard(options)
  try {
    return await crashAll(yard, options)
  } finally {
    await yard.dispose()
  }
}

async function crashAll(yard: Yard, { tries, log, isShort }: RowOptions): Promise<Row> {
  const first = await yard.start({ ROLE: 'all' })
  await watchYard(yard)
  const spec = await aSmallSpec(yard.clientOf(first))
  const undisturbed = await yard.clientOf(first).createJob(spec)
  await yard.clientOf(first).jobEnded(undisturbed.id)
  // In the short form it lives on, and is who the client turns to; else nobody is there until a restart.
  if (!isShort) await first.end('SIGTERM')

  const named: NamedRequest[] = []
  const accepted: string[] = []
  const recoveriesMs: number[] = []
  const problems: string[] = []
  for (let round = 1; round <= tries; round++) {
    for (const point of postPoints) {
      const name = `${point} ${round}`
      const other = isShort ? first : null
      const { jobId, startedAfterMs, problem } = await crashOne(
        yard,
        point,
        { ...spec, name },
        other,
      )
      named.push({ name, isAnswered: true })
      accepted.push(jobId)
      recoveriesMs.push(startedAfterMs)
      if (problem) problems.push(`${name}: ${problem}`)
      if (startedAfterMs > startsWithinMs) problems.push(`${name}: began after ${startedAfterMs}`)
    }
    log(`POST /v1/jobs, round ${round}: ${problems.length} problems`)
  }
  const violations = await checkInvariants({
    database: yard.database,
    accepted: accepted.map((id) => ({ id, ends: ['succeeded'] })),
    undisturbed: [undisturbed.id],
    named,
  })
  problems.push(...violations.map((each) => JSON.stringify(each)))
  const fault = `crash at ${postPoints.length} points of POST /v1/jobs`
  return { fault, tries: named.length, recoveriesMs, problems, ...countDamage(violations) }
}

async function crashOne(yard: Yard, point: CrashPoint, spec: object, other: Program | null) {
  const armed = await yard.start({ ROLE: 'api', ...armedWith(point) })
  const key = randomUUID()
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    authorization: `Bearer ${yardKey}`,
  }
  const init = { method: 'POST', headers, body: JSON.stringify(spec) }
  // As a rule nobody answers: the process is gone.
  const told = await fetch(`${armed.url}/v1/jobs`, init).then(
    async (answer) => Job.parse(await answer.json()),
    () => null,
  )
  const { signal } = await Promise.race([armed.ended, sleep(5_000, { signal: 'none' })])
  const problems: string[] = []
  if (signal !== 'SIGKILL') problems.push(`it did not die, but ${signal}`)
  await armed.end('SIGKILL')

  const second = other ?? (await yard.start({ ROLE: 'all' }))
  const restartedAtMs = Date.now()
  const client = yard.clientOf(second)
  const job = await answered(client, init)
  if (told && told.id !== job.id) problems.push(`it was told ${told.id}, then ${job.id}`)
  const ended = await client.jobEnded(job.id)
  const startedAfterMs = Math.max(0, Date.parse(ended.started_at ?? '') - restartedAtMs)
  if (!other) await second.end('SIGKILL')
  return { jobId: job.id, startedAfterMs, problem: problems.join(', ') }
}

/** The dead connection may hold the key for a moment: 409, and a client tries again. */
async function answered(client: Client, init: RequestInit): Promise<Job> {
  for (;;) {
    const answer = await client.fetch('/v1/jobs', init)
    if (answer.ok) return Job.parse(await answer.json())
    const text = await answer.text()
    if (answer.status !== 409 || !text.includes('idempotency_in_flight')) throw new Error(text)
    await sleep(100)
  }
}

async function aSmallSpec(client: Client): Promise<object> {
  return {
    dataset: await client.upload(irisCsv),
    target: { column: 'species' },
    model: { type: 'mlp', hidden: [8], dropout: 0.1 },
    training: { epochs: 5, batch_size: 16, seed: 7, validation: { fraction: 0.2 } },
  }
}
