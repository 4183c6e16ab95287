/**
 * @file `npm run bench:service`: how quick the service is, on both queue backends, as a client sees
 * it. The program runs as `npm start` runs it; client, databases and training share the machine.
 *
 * Prints a table and writes bench/results/service.json.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

import { type Client, createClient } from './support/client.ts'
import { type FloodFigures, measureFlood } from './support/flood.ts'
import { type Program, startProgram, startRedis } from './support/program.ts'
import { percentile, rounded } from './support/statistics.ts'

interface Row {
  readonly backend: string
  readonly measure: string
  readonly value: number
  readonly unit: string
  readonly bar: string
}

const trivialJob = (dataset: string) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { epochs: 1, batch_size: 'full' },
})

/** Hours on any machine: it trains until it is cancelled. */
const endlessJob = (dataset: string) => ({
  ...trivialJob(dataset),
  model: { type: 'mlp', hidden: [256, 256] },
  training: { epochs: 5_000_000, batch_size: 'full' },
})

async function upload(client: Client): Promise<string> {
  const csv = 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n'
  const answer = await client.send('POST', '/v1/datasets', csv, { 'content-type': 'text/csv' })
  if (answer.status !== 201) throw new Error(`Upload: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body).id
}

async function trainToTheEnd(client: Client, dataset: string): Promise<number> {
  const answer = await client.send('POST', '/v1/jobs', trivialJob(dataset), {
    prefer: 'wait=30',
  })
  const { status } = JSON.parse(answer.body)
  if (status !== 'succeeded') throw new Error(`Job: ${answer.status} ${answer.body.slice(0, 500)}`)
  return answer.milliseconds
}

/** One job after another: from the POST until the client knows that the job has succeeded. */
async function latency(client: Client, dataset: string): Promise<number[]> {
  for (let i = 0; i < 100; i++) await trainToTheEnd(client, dataset)
  const times: number[] = []
  for (let i = 0; i < 300; i++) times.push(await trainToTheEnd(client, dataset))
  return times
}

async function jobsPerSecond(client: Client, dataset: string): Promise<number> {
  const total = 2_000
  let begun = 0
  const startedAtMs = performance.now()
  const lanes = Array.from({ length: 50 }, async () => {
    while (begun < total) {
      begun += 1
      await trainToTheEnd(client, dataset)
    }
  })
  await Promise.all(lanes)
  return (total * 1000) / (performance.now() - startedAtMs)
}

/** Requests start by the clock, whether or not earlier ones were answered. */
async function readsWhileTraining(
  client: Client,
  dataset: string,
  threads: number,
): Promise<{ times: number[]; errors: number }> {
  const jobs = await Promise.all(
    Array.from({ length: threads }, async () => {
      const { body } = await client.send('POST', '/v1/jobs', endlessJob(dataset))
      return JSON.parse(body).id
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, 2_000))

  const times: number[] = []
  let errors = 0
  const perSecond = 300
  const pending: Promise<void>[] = []
  const startedAtMs = performance.now()
  for (let i = 0; i < perSecond * 10; i++) {
    const dueMs = startedAtMs + (i * 1000) / perSecond
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    pending.push(
      client.send('GET', `/v1/jobs/${jobs[i % jobs.length]}`).then(({ status, milliseconds }) => {
        times.push(milliseconds)
        if (status !== 200) errors += 1
      }),
    )
  }
  await Promise.all(pending)
  for (const job of jobs) await client.send('POST', `/v1/jobs/${job}/cancel`)
  return { times, errors }
}

async function measure(backend: string, program: Program, rows: Row[]): Promise<void> {
  const client = createClient(program.url, program.key)
  const add = (measure: string, value: number, unit: string, bar: string) => {
    rows.push({ backend, measure, value: rounded(value), unit, bar })
    console.log(`${backend.padEnd(10)}${measure.padEnd(44)}${rounded(value)} ${unit}  (${bar})`)
  }
  const dataset = await upload(client)
  const times = await latency(client, dataset)
  const bar = backend === 'redis' ? '≤ 15 ms' : '≤ 25 ms'
  add('POST to succeeded, trivial job, p50', percentile(times, 0.5), 'ms', bar)
  add('POST to succeeded, trivial job, p99', percentile(times, 0.99), 'ms', '')
  const rate = await jobsPerSecond(client, dataset)
  add('trivial jobs, 50 clients', rate, 'jobs/s', backend === 'redis' ? '≥ 250 jobs/s' : '')
  const reads = await readsWhileTraining(client, dataset, cpus().length)
  add('GET /v1/jobs/{id}, 300/s, all cores train, p50', percentile(reads.times, 0.5), 'ms', '')
  add(
    'GET /v1/jobs/{id}, 300/s, all cores train, p99',
    percentile(reads.times, 0.99),
    'ms',
    '≤ 75 ms',
  )
  add('errors among them', reads.errors, '', '0')
  add('memory of the program afterwards', await program.residentMiB(), 'MiB', '')
  addFlood(await measureFlood(program), add)
  client.close()
}

type Add = (measure: string, value: number, unit: string, bar: string) => void

function addFlood(figures: FloodFigures, add: Add): void {
  const { alone, flooded, afterwards, jobLength, accepted, refused } = figures
  const share = (accepted: number, all: number) => (100 * accepted) / all
  add('flood: a thread’s time for one of its jobs', jobLength, 'ms', '')
  add('flood: trivial job of another project, alone, p99', percentile(alone.waits, 0.99), 'ms', '')
  add('flood: the same, beside it, p50', percentile(flooded.waits, 0.5), 'ms', '')
  const bar = `≤ ${rounded(jobLength + percentile(alone.waits, 0.99))} ms`
  add('flood: the same, beside it, p99', percentile(flooded.waits, 0.99), 'ms', bar)
  for (const name of ['reads', 'posts'] as const) {
    const [before, beside] = [alone, flooded].map((felt) => percentile(felt[name], 0.99))
    add(`flood: its ${name}, alone, p99`, before, 'ms', '')
    add(
      `flood: its ${name}, beside the training alone, p99`,
      percentile(afterwards[name], 0.99),
      'ms',
      '',
    )
    add(`flood: its ${name}, beside it, p99`, beside, 'ms', `≤ ${rounded(before * 1.5)} ms`)
  }
  add('flood: refused of what it sends (429)', share(refused, accepted + refused), '%', '')
}

const rows: Row[] = []
const redis = await startRedis()
if (!redis) console.log('NOT MEASURED on Redis: redis-server is not installed.')
for (const backend of redis ? ['redis', 'postgres'] : ['postgres']) {
  const program = await startProgram(backend === 'redis' ? { REDIS_URL: redis?.url ?? '' } : {})
  try {
    await measure(backend, program, rows)
  } finally {
    await program.stop()
  }
}
await redis?.stop()

const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim()
const date = new Date().toISOString().slice(0, 10)
writeFileSync(
  'bench/results/service.json',
  `${JSON.stringify({ machine, commit, date, rows }, null, 2)}\n`,
)
