/**
 * @file `npm run bench:checkpoints`: what checkpoints cost. The same job with as many of them as the
 * service ever takes, and with none; in turn, so that a slow phase of the machine meets both.
 *
 * CHECKPOINT_SECONDS is a tenth of a second here, so what spaces them is the rule of 50 times the cost:
 * by default there are fewer. All cores train, so the writing takes its time from the training. Prints a
 * table and writes bench/results/checkpoints.json.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { type Client, createClient } from './support/client.ts'
import { startProgram } from './support/program.ts'
import { percentile, rounded } from './support/statistics.ts'

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })

/** A step that never comes: such a job is asked for no checkpoint. */
const never = 2_147_483_647

interface Workload {
  readonly name: string
  readonly columns: number
  readonly hidden: readonly number[]
  readonly batchSize: number
  readonly steps: number
}

const workloads: readonly Workload[] = [
  { name: 'MLP 784-512-256-10', columns: 784, hidden: [512, 256], batchSize: 128, steps: 2_000 },
  { name: 'MLP 4-32-10', columns: 4, hidden: [32], batchSize: 16, steps: 600_000 },
]

const rows = 512

function csvOf(columns: number): string {
  const header = [...Array.from({ length: columns }, (_, i) => `x${i}`), 'y'].join()
  const lines = Array.from({ length: rows }, (_, row) =>
    [...Array.from({ length: columns }, (_, i) => (row * 7 + i * 13) % 101), `c${row % 10}`].join(),
  )
  return [header, ...lines, ''].join('\n')
}

async function upload(client: Client, columns: number): Promise<string> {
  const headers = { 'content-type': 'text/csv' }
  const { status, body } = await client.send('POST', '/v1/datasets', csvOf(columns), headers)
  if (status !== 201) throw new Error(`Upload: ${status} ${body}`)
  return JSON.parse(body).id
}

interface Trained {
  readonly seconds: number
  readonly checkpoints: number
}

async function train(
  client: Client,
  dataset: string,
  { hidden, batchSize, steps }: Workload,
  hasCheckpoints: boolean,
): Promise<Trained> {
  const spec = {
    dataset,
    target: { column: 'y' },
    model: { type: 'mlp', hidden },
    training: {
      steps,
      batch_size: batchSize,
      optimizer: { type: 'adam', learning_rate: 0.001 },
      ...(hasCheckpoints ? {} : { checkpoint_every: never }),
    },
  }
  const { body } = await client.send('POST', '/v1/jobs', spec, { prefer: 'wait=120' })
  const job = JSON.parse(body)
  if (job.status !== 'succeeded') throw new Error(`Job: ${body.slice(0, 500)}`)
  const events = await client.send('GET', `/v1/jobs/${job.id}/events?limit=500`)
  const { data }: { data: { type: string }[] } = JSON.parse(events.body)
  return {
    seconds: (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000,
    checkpoints: data.filter(({ type }) => type === 'checkpoint').length,
  }
}

async function measure(client: Client, workload: Workload) {
  const dataset = await upload(client, workload.columns)
  await train(client, dataset, workload, true) // compiles
  const pairs: { with: Trained; without: Trained }[] = []
  for (let i = 0; i < Number(options.rounds); i++) {
    const without = await train(client, dataset, workload, false)
    pairs.push({ without, with: await train(client, dataset, workload, true) })
  }
  const median = (values: number[]) => percentile(values, 0.5)
  const row = {
    workload: workload.name,
    checkpoints: median(pairs.map((pair) => pair.with.checkpoints)),
    seconds_without: rounded(median(pairs.map(({ without }) => without.seconds))),
    seconds_with: rounded(median(pairs.map((pair) => pair.with.seconds))),
    cost_percent: rounded(
      100 * (median(pairs.map((pair) => pair.with.seconds / pair.without.seconds)) - 1),
    ),
  }
  console.log(
    `${row.workload.padEnd(22)}${row.seconds_without} s without, ${row.seconds_with} s with ${row.checkpoints}: ${row.cost_percent} %  (≤ 2 %)`,
  )
  return row
}

const program = await startProgram({ CHECKPOINT_SECONDS: '0.1', THREADS: String(cpus().length) })
const client = createClient(program.url, program.key)
const results = []
try {
  for (const workload of workloads) results.push(await measure(client, workload))
} finally {
  client.close()
  await program.stop()
}

const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim()
const date = new Date().toISOString().slice(0, 10)
writeFileSync(
  'bench/results/checkpoints.json',
  `${JSON.stringify({ machine, commit, date, rounds: Number(options.rounds), rows: results }, null, 2)}\n`,
)
