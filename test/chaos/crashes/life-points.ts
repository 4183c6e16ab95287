/**
 * @file Processes die at each point of a run's life, one after the other, each with a job of its own;
 * then one worker finishes what all of them left, and the judge compares it with undisturbed runs.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import fc from 'fast-check'

import { Job } from '../../../src/contract/jobs.ts'
import type { CrashPoint } from '../../../src/faults/crash-points.ts'
import type { Client } from '../../e2e/support/client.ts'
import type { Program } from '../../e2e/support/program.ts'
import { checkInvariants, countDamage } from '../invariants.ts'
import { type Circumstance, circumstances, lifePoints, shortSelection } from './circumstances.ts'
import { holdFor, interruptJobs } from './earlier-runs.ts'
import { measureJobs } from './job-kinds.ts'
import type { Row, RowOptions } from './row.ts'
import { armedWith, aYard, watchYard, type Yard } from './yard.ts'

interface Crash {
  readonly point: CrashPoint
  readonly circumstance: Circumstance
  /** Of a job that had a worker before. */
  readonly jobId: string | null
}

interface Crashed extends Crash {
  readonly jobId: string
  readonly problem: string | null
}

/** Of a round of the whole form. */
export const lifeCrashes = lifePoints.flatMap((point) =>
  circumstances[point].map((circumstance) => ({ point, circumstance })),
)

const diesWithinMs = 20_000

export async function crashLives(options: RowOptions): Promise<Row> {
  const yard = await aYard(options)
  try {
    return await crashAll(yard, options)
  } finally {
    await yard.dispose()
  }
}

async function crashAll(yard: Yard, options: RowOptions): Promise<Row> {
  const { log, tries } = options
  const measuring = await yard.start({ ROLE: 'all', THREADS: '2' })
  await watchYard(yard)
  const { specs, undisturbed } = await measureJobs(yard.clientOf(measuring), 1)
  await measuring.end('SIGTERM')
  const api = await yard.start({ ROLE: 'api', THREADS: '2' }) // which plans for two
  const client = yard.clientOf(api)

  const crashed: Crashed[] = []
  const recoveriesMs: number[] = []
  for (let round = 1; round <= tries; round++) {
    const crashes = await prepare(yard, client, specs.plain, planOf(options, round))
    const left: Crashed[] = []
    for (const crash of crashes) {
      left.push(...(await untilOneDies(yard, client, specs[crash.circumstance.kind], crash, log)))
    }
    recoveriesMs.push(...(await finishAll(yard, client, left)))
    crashed.push(...left)
    log(`a run's life, round ${round}: ${left.length} crashes`)
  }
  const violations = await checkInvariants({
    database: yard.database,
    accepted: crashed.map(({ jobId, circumstance: { ends } }) => ({ id: jobId, ends })),
    undisturbed,
    usage: [await usageNow(yard, client)],
  })
  const pointOf = new Map(crashed.map(({ jobId, point }) => [jobId, point]))
  const problems = [
    ...crashed.flatMap(({ point, problem }) => (problem ? [`${point}: ${problem}`] : [])),
    ...violations.map((each) => `${pointOf.get(each.jobId ?? '')}: ${JSON.stringify(each)}`),
  ]
  const fault = `crash at ${lifePoints.length} points of a run's life`
  return { fault, tries: crashed.length, recoveriesMs, problems, ...countDamage(violations) }
}

/**
 * In an order of chance; but first what needs two threads: messages of jobs that were left would take
 * one of them.
 */
function planOf(
  { seed, isShort, only = lifePoints }: RowOptions,
  round: number,
): Omit<Crash, 'jobId'>[] {
  const points = lifePoints.filter((point) => only.includes(point))
  const all = points.flatMap((point) =>
    (isShort ? shortSelection(point) : circumstances[point]).map((circumstance) => ({
      point,
      circumstance,
    })),
  )
  const whole = { minLength: all.length, maxLength: all.length }
  const [shuffled] = fc.sample(fc.shuffledSubarray(all, whole), { seed: seed + round, numRuns: 1 })
  const isTeam = ({ circumstance: { kind } }: (typeof all)[number]) => kind === 'team'
  return [...shuffled.filter(isTeam), ...shuffled.filter((crash) => !isTeam(crash))]
}

async function prepare(
  yard: Yard,
  client: Client,
  spec: object,
  plan: readonly Omit<Crash, 'jobId'>[],
): Promise<Crash[]> {
  const wanted = plan.flatMap(({ circumstance: { before } }) => before ?? [])
  const ids = await interruptJobs(yard, client, spec, wanted)
  return plan.map((crash) => ({
    ...crash,
    jobId: crash.circumstance.before ? (ids.shift() ?? null) : null,
  }))
}

async function crashOne(yard: Yard, client: Client, spec: object, crash: Crash): Promise<Crashed> {
  const { point, circumstance } = crash
  await park(yard)
  if (circumstance.losesMessage) await loseMessages(yard, true)
  const job = crash.jobId ?? (circumstance.role === 'api' ? null : await submit(client, spec))
  if (circumstance.losesMessage) await loseMessages(yard, false)
  const threads = circumstance.kind === 'team' ? '2' : '1'
  const role = circumstance.role ?? 'worker'
  if (crash.jobId) await takeUp(yard, crash.jobId)
  const armed = await yard.start({ ROLE: role, THREADS: threads, ...armedWith(point) })
  const jobId = job ?? (await submitTo(yard.clientOf(armed), client, spec))
  const asked = ask(yard, client, armed, jobId, circumstance).catch(String)
  const { signal } = await Promise.race([armed.ended, sleep(diesWithinMs, { signal: 'none' })])
  const problem = signal === 'SIGKILL' ? null : `it did not die: ${signal}, ${await asked}`
  await armed.end('SIGKILL')
  return { ...crash, jobId, problem }
}

/** Another program may send the message first, or one is left from before: then another job is tried. */
async function untilOneDies(
  yard: Yard,
  client: Client,
  spec: object,
  crash: Crash,
  log: RowOptions['log'],
): Promise<Crashed[]> {
  const first = await crashOne(yard, client, spec, crash)
  if (first.problem === null) return [first]
  log(`${crash.point} of ${JSON.stringify(crash.circumstance)}: ${first.problem}`)
  if (crash.jobId !== null) return [first]
  return [{ ...first, problem: null }, await crashOne(yard, client, spec, crash)]
}

/** What earlier crashes left goes behind what is to crash next. */
async function park({ database }: Yard): Promise<void> {
  await database.query(`UPDATE jobs SET priority = -50 WHERE status IN ('queued', 'running')`)
  await database.query(
    `UPDATE jobs SET lease_expires_at = clock_timestamp() + interval '1 hour' WHERE status = 'running'`,
  )
}

async function takeUp(yard: Yard, jobId: string): Promise<void> {
  await yard.database.query('UPDATE jobs SET priority = 0 WHERE id = $1', [jobId])
  await holdFor(yard, jobId, 0)
}

async function submit(client: Client, spec: object): Promise<string> {
  return (await client.createJob(spec)).id
}

/** To one that dies of it, perhaps before it can answer; then again to another. */
async function submitTo(armed: Client, client: Client, spec: object): Promise<string> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
  const init = { method: 'POST', headers, body: JSON.stringify(spec) }
  await armed.fetch('/v1/jobs', init).catch(() => {})
  for (;;) {
    const answer = await client.fetch('/v1/jobs', init)
    if (answer.ok) return Job.parse(await answer.json()).id
    if (answer.status !== 409) throw new Error(await answer.text())
    await sleep(50) // the dead connection may hold the key for a moment
  }
}

/** A queue that loses what it is sent: the reconciler has to count. */
async function loseMessages({ database }: Yard, isLossy: boolean): Promise<void> {
  await database.query(
    isLossy
      ? `CREATE OR REPLACE FUNCTION chaos.lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER lose BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION chaos.lose()`
      : 'DROP TRIGGER lose ON outbox',
  )
}

async function ask(
  yard: Yard,
  client: Client,
  armed: Program,
  jobId: string,
  { ask: asked }: Circumstance,
): Promise<void> {
  if (!asked) return
  await client.jobWhen(jobId, ({ progress }) => progress.step > 0)
  if (asked === 'shutdown') process.kill(armed.pid, 'SIGTERM')
  else if (asked === 'shutdown_and_stop') await stopUnseen(yard, armed, jobId)
  else await client.post(Job, `/v1/jobs/${jobId}/${asked}`, {})
}

/** The stop commits when the run has ended and waits for the job's row: its thread never heard of it. */
async function stopUnseen({ database }: Yard, armed: Program, jobId: string): Promise<void> {
  await database.query('BEGIN')
  await database.query(`UPDATE jobs SET intent = 'stop' WHERE id = $1`, [jobId])
  process.kill(armed.pid, 'SIGTERM')
  await sleep(1_000)
  await database.query('COMMIT')
}

/** One worker takes all that is left; how long it took until each was back in the queue, or ended. */
async function finishAll(
  yard: Yard,
  client: Client,
  crashed: readonly Crashed[],
): Promise<number[]> {
  for (const { jobId } of crashed) await holdFor(yard, jobId, 0)
  const worker = await yard.start({ ROLE: 'worker', THREADS: '2' })
  const beganAtMs = Date.now()
  for (const { jobId, circumstance } of crashed) {
    const rests = await client.jobWhen(
      jobId,
      ({ status, ended_at }) => ended_at !== null || status === 'paused',
      120_000,
    )
    if (rests.status !== 'paused') continue
    if (circumstance.ask !== 'pause') throw new Error(`Nobody asked ${jobId} to pause.`)
    await client.post(Job, `/v1/jobs/${jobId}/resume`, {})
    await client.jobEnded(jobId, 120_000)
  }
  await worker.end('SIGTERM')
  const { rows } = await yard.database.query<{ ms: number }>(
    `SELECT (extract(epoch FROM min((t ->> 'at')::timestamptz)) * 1000 - $2)::float8 AS ms
    FROM jobs, jsonb_array_elements(transitions) t
    WHERE id = ANY($1::text[]) AND (t ->> 'at')::timestamptz > to_timestamp($2 / 1000.0)
    GROUP BY id`,
    [crashed.map(({ jobId }) => jobId), beganAtMs],
  )
  return rows.map(({ ms }) => ms)
}

async function usageNow({ database }: Yard, client: Client) {
  const { rows } = await database.query<{ id: string }>('SELECT id FROM projects')
  const answer = await client.fetch('/v1/limits')
  const { usage } = (await answer.json()) as {
    usage: { jobs_unfinished: number; datasets_bytes_total: number }
  }
  return {
    projectId: rows[0].id,
    jobsUnfinished: usage.jobs_unfinished,
    datasetsBytes: usage.datasets_bytes_total,
  }
}
