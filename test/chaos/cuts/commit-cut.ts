/**
 * @file The connection to Postgres is cut at a commit, and nobody can know whether it happened: what a
 * client asks again is there once, and what a run writes again is there once, with the same bits.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Dataset } from '../../../src/contract/datasets.ts'
import { Job } from '../../../src/contract/jobs.ts'
import type { Client } from '../../e2e/support/client.ts'
import { irisCsv } from '../../e2e/support/long-job.ts'
import { measureJobs } from '../crashes/job-kinds.ts'
import type { Row, RowOptions } from '../crashes/row.ts'
import { aYard, watchYard, type Yard } from '../crashes/yard.ts'
import { checkInvariants, countDamage } from '../invariants.ts'
import { type CutMoment, type PostgresProxy, startPostgresProxy } from './postgres-proxy.ts'

/** A piece of the SQL of each write whose commit is cut. */
const writes = {
  job: 'INSERT INTO jobs (',
  dataset: 'INSERT INTO datasets',
  relay: 'DELETE FROM outbox',
  progress: `'loss', jsonb_build_object('progress', $3::jsonb)`,
  checkpoint: 'INSERT INTO checkpoints',
  finish: 'run_becomes run_status',
  large_finish: 'run_becomes run_status',
  claim: 'INSERT INTO runs (id, job_id',
} as const

type Write = keyof typeof writes

/** A claim that nobody knows of is taken back when its lease ends: a dozen seconds each. */
const shortWrites: readonly Write[] = [
  'job',
  'dataset',
  'relay',
  'progress',
  'checkpoint',
  'finish',
  'large_finish',
]

const moments: readonly CutMoment[] = ['before', 'after']

/** Of the whole form. */
export const cutsPerRound = Object.keys(writes).length * moments.length

interface Ground {
  readonly yard: Yard
  readonly client: Client
  readonly proxy: PostgresProxy
  readonly specs: { readonly plain: object; readonly large: object }
}

interface Outcome {
  /** null for a dataset. */
  readonly jobId: string | null
  readonly name: string
  readonly problem: string | null
  /** Until a client had its answer. */
  readonly answeredMs: number
}

export async function cutCommits(options: RowOptions): Promise<Row> {
  const yard = await aYard(options)
  const proxy = await startPostgresProxy(yard.databaseUrl)
  try {
    return await cutAll(yard, proxy, options)
  } finally {
    await yard.dispose()
    await proxy.close()
  }
}

async function cutAll(yard: Yard, proxy: PostgresProxy, options: RowOptions): Promise<Row> {
  const { tries, isShort, log } = options
  const program = await yard.start({ ROLE: 'all' }, proxy.url)
  await watchYard(yard)
  const client = yard.clientOf(program)
  const { specs, undisturbed } = await measureJobs(client, 0.5)
  const ground = { yard, client, proxy, specs }
  const outcomes: Outcome[] = []
  for (let round = 1; round <= tries; round++) {
    for (const write of isShort ? shortWrites : (Object.keys(writes) as Write[])) {
      for (const moment of moments) {
        const outcome = await cutOne(ground, write, moment)
        if (outcome.problem) log(`${write}, ${moment}: ${outcome.problem}`)
        outcomes.push(outcome)
      }
    }
    log(`commits cut, round ${round}: ${outcomes.length} in all`)
  }
  const ofJobs = outcomes.flatMap(({ jobId, name }) => (jobId ? [{ id: jobId, name }] : []))
  const violations = await checkInvariants({
    database: yard.database,
    accepted: ofJobs.map(({ id }) => ({ id, ends: ['succeeded'] })),
    undisturbed,
    named: ofJobs.map(({ name }) => ({ name, isAnswered: true })),
  })
  const problems = [
    ...outcomes.flatMap(({ problem }) => problem ?? []),
    ...violations.map((each) => JSON.stringify(each)),
  ]
  return {
    fault: 'connection cut at COMMIT',
    tries: outcomes.length,
    recoveriesMs: outcomes.map(({ answeredMs }) => answeredMs),
    problems,
    ...countDamage(violations),
  }
}

async function cutOne(ground: Ground, write: Write, moment: CutMoment): Promise<Outcome> {
  const { client, proxy, specs } = ground
  const name = `${write} ${moment} ${randomUUID()}`
  let isCut = false
  const startedAtMs = performance.now()
  proxy.cut({ of: writes[write], moment }).then(() => {
    isCut = true
  })
  const isDataset = write === 'dataset'
  const spec = write === 'large_finish' ? specs.large : specs.plain
  const jobId = isDataset ? null : await postJob(client, { ...spec, name })
  if (isDataset) await upload(client, name)
  const answeredMs = performance.now() - startedAtMs
  if (jobId) await client.jobEnded(jobId)
  proxy.spare()
  const problems = [
    ...(isCut ? [] : ['nothing was cut']),
    ...(isDataset ? await checkDataset(ground, name) : []),
  ]
  const problem = problems.length > 0 ? `${name}: ${problems.join(', ')}` : null
  return { jobId, name, problem, answeredMs }
}

async function postJob(client: Client, spec: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const answer = await insist(client, '/v1/jobs', headers, JSON.stringify(spec))
  return Job.parse(answer).id
}

async function upload(client: Client, name: string): Promise<void> {
  const path = `/v1/datasets?name=${encodeURIComponent(name)}`
  Dataset.parse(await insist(client, path, { 'content-type': 'text/csv' }, irisCsv))
}

/** Sends it with one Idempotency-Key until it is answered; 503 and 409 say that it may be sent again. */
async function insist(
  client: Client,
  path: string,
  contentType: Record<string, string>,
  body: string,
): Promise<unknown> {
  const headers = { ...contentType, 'idempotency-key': randomUUID() }
  for (;;) {
    const answer = await client.fetch(path, { method: 'POST', headers, body })
    const text = await answer.text()
    if (answer.ok) return JSON.parse(text)
    if (answer.status !== 503 && answer.status !== 409) throw new Error(`${path}: ${text}`)
    await sleep(50)
  }
}

async function checkDataset({ yard }: Ground, name: string): Promise<string[]> {
  const { rows } = await yard.database.query('SELECT 1 FROM datasets WHERE name = $1', [name])
  return rows.length === 1 ? [] : [`${rows.length} datasets`]
}
