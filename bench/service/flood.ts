/**
 * @file What a project feels of another that floods the service: how quick its requests are answered, and
 * how long its jobs wait for a thread; alone, and beside the flood, in one run.
 *
 * The flooder sends four times the requests that it may, and its queue is full all the time.
 */
import { cpus } from 'node:os'

import { type Client, createClient } from '../support/client.ts'
import type { Program } from '../support/program.ts'
import { percentile, rounded } from '../support/statistics.ts'
import { type Scenario, sleep } from './scenario.ts'

interface Felt {
  /** Milliseconds from the creation of a trivial job until its end: nearly all of it is waiting. */
  readonly waits: readonly number[]
  /** Milliseconds of requests. */
  readonly posts: readonly number[]
  readonly reads: readonly number[]
}

interface FloodFigures {
  readonly alone: Felt
  readonly flooded: Felt
  /** The flooder sends nothing any more, and its queue still keeps all threads at work. */
  readonly afterwards: Felt
  /** Milliseconds of a thread that a job of the flooder takes. */
  readonly jobLength: number
  readonly accepted: number
  readonly refused: number
}

const csv = 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n'

const aJob = (dataset: string, epochs: number) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [64, 64] },
  training: { epochs, batch_size: 'full' },
})

const secondsOfEach = 12
const requestsPerSecond = 50

export const flood: Scenario = async function* ({ start }) {
  const figures = await measureFlood(await start())
  const { alone, flooded, afterwards, jobLength, accepted, refused } = figures
  const ms = (measure: string, value: number, bar = '') => ({ measure, value, unit: 'ms', bar })
  const p99 = (times: readonly number[]) => percentile(times, 0.99)

  yield ms('flood: a thread’s time for one of its jobs', jobLength)
  yield ms('flood: trivial job of another project, alone, p99', p99(alone.waits))
  yield ms('flood: the same, beside it, p50', percentile(flooded.waits, 0.5))
  const startBar = `≤ ${rounded(jobLength + p99(alone.waits))}`
  yield ms('flood: the same, beside it, p99', p99(flooded.waits), startBar)
  for (const name of ['reads', 'posts'] as const) {
    yield ms(`flood: its ${name}, alone, p99`, p99(alone[name]))
    yield ms(`flood: its ${name}, beside the training alone, p99`, p99(afterwards[name]))
    const bar = `≤ ${rounded(p99(alone[name]) * 1.5)}`
    yield ms(`flood: its ${name}, beside it, p99`, p99(flooded[name]), bar)
  }
  const share = (100 * refused) / (accepted + refused)
  yield { measure: 'flood: refused of what it sends (429)', value: share, unit: '%', bar: '' }
}

async function measureFlood(program: Program): Promise<FloodFigures> {
  const admin = createClient(program.url, program.key)
  const limits = { requests_per_minute: requestsPerSecond * 60, jobs_unfinished: 300 }
  const flooder = await aTenant(program, admin, 'flooder', limits)
  const other = await aTenant(program, admin, 'other', {})

  await feel(other, 3)
  const alone = await feel(other, secondsOfEach)
  const flood = startFlood(flooder)
  await sleep(3_000)
  const flooded = await feel(other, secondsOfEach)
  const counts = await flood.stop()
  const afterwards = await feel(other, 4)
  // It has sent what it may in this minute, and is to be asked for its jobs.
  await ask(admin, 'PATCH', flooder.path, { limits: { requests_per_minute: null } })
  const figures = { ...counts, jobLength: await jobLength(flooder.client) }
  for (const { client } of [flooder, other]) client.close()
  admin.close()
  return { alone, flooded, afterwards, ...figures }
}

interface Tenant {
  readonly client: Client
  readonly dataset: string
  /** Of its project. */
  readonly path: string
}

async function aTenant(
  program: Program,
  admin: Client,
  name: string,
  limits: object,
): Promise<Tenant> {
  const { id: project } = await ask(admin, 'POST', '/v1/projects', { name })
  const path = `/v1/projects/${project}`
  await ask(admin, 'PATCH', path, { limits })
  const { secret } = await ask(admin, 'POST', '/v1/api-keys', { name, project })
  const client = createClient(program.url, secret)
  const { id: dataset } = await ask(client, 'POST', '/v1/datasets', csv, {
    'content-type': 'text/csv',
  })
  return { client, dataset, path }
}

async function ask(
  client: Client,
  method: string,
  path: string,
  body?: object | string,
  headers?: object,
) {
  const answer = await client.send(method, path, body, headers)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body)
}

/** A job every fifth of a second, and a read every 20 ms, by the clock. */
async function feel({ client, dataset }: Tenant, seconds: number): Promise<Felt> {
  const posts: number[] = []
  const reads: number[] = []
  const jobs: string[] = []
  const pending: Promise<void>[] = []
  const post = async () => {
    const answer = await client.send('POST', '/v1/jobs', aJob(dataset, 1))
    posts.push(answer.milliseconds)
    jobs.push(JSON.parse(answer.body).id)
  }
  const read = async () => {
    reads.push((await client.send('GET', `/v1/jobs/${jobs.at(-1)}`)).milliseconds)
  }
  await post()
  await byTheClock(50, seconds, (i) => pending.push(i % 10 === 0 ? post() : read()))
  await Promise.all(pending)
  await sleep(1_000)
  const waits = await Promise.all(
    jobs.map(async (id) => {
      const { created_at, ended_at } = await ask(client, 'GET', `/v1/jobs/${id}`)
      return Date.parse(ended_at) - Date.parse(created_at)
    }),
  )
  return { waits, posts: posts.slice(1), reads }
}

function startFlood({ client, dataset }: Tenant) {
  const counts = new Map<number, number>()
  let isOver = false
  const pending: Promise<void>[] = []
  const send = async () => {
    const { status } = await client.send('POST', '/v1/jobs', aJob(dataset, 1_000))
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  const flooding = byTheClock(
    4 * requestsPerSecond,
    600,
    () => pending.push(send()),
    () => isOver,
  )
  return {
    async stop() {
      isOver = true
      await flooding
      await Promise.all(pending)
      return { accepted: counts.get(202) ?? 0, refused: counts.get(429) ?? 0 }
    },
  }
}

/** From how many have ended in how long: a job counts as started when it is claimed, ahead of its thread. */
async function jobLength(client: Client): Promise<number> {
  const { data } = await ask(client, 'GET', '/v1/jobs?status=succeeded&limit=100')
  const ends = data.map((job: { ended_at: string }) => Date.parse(job.ended_at))
  return (cpus().length * (Math.max(...ends) - Math.min(...ends))) / (ends.length - 1)
}

/** Starts something so many times a second, whether or not what was started before has ended. */
async function byTheClock(
  perSecond: number,
  seconds: number,
  start: (i: number) => void,
  isOver = () => false,
): Promise<void> {
  const startedAtMs = performance.now()
  for (let i = 0; i < perSecond * seconds && !isOver(); i++) {
    const waitMs = startedAtMs + (i * 1000) / perSecond - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    start(i)
  }
}
