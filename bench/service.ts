/**
 * @file `npm run bench:service`: how quick the service is, on both queue backends, as a client sees
 * it. The program runs as `npm start` runs it; clients, databases and training share the machine.
 *
 * `-- --only posts,event-streams --backends redis` measures a part. Prints a table and puts it into
 * bench/results/service.json, where what was not measured now stays as it was.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { eventStreams } from './service/event-streams.ts'
import { flood } from './service/flood.ts'
import { posts } from './service/posts.ts'
import { manyProjects } from './service/projects.ts'
import { reads } from './service/reads.ts'
import type { Figure, Scenario, ScenarioOptions } from './service/scenario.ts'
import { streamingCost } from './service/streaming-cost.ts'
import { trivialJobs } from './service/trivial-jobs.ts'
import { type Program, type RedisServer, startProgram, startRedis } from './support/program.ts'
import { rounded } from './support/statistics.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  'trivial-jobs': trivialJobs,
  reads,
  posts,
  projects: manyProjects,
  flood,
  'event-streams': eventStreams,
  'streaming-cost': streamingCost,
}

interface Row extends Figure {
  readonly scenario: string
  readonly backend: Backend
  readonly commit: string
  readonly date: string
}

type Backend = ScenarioOptions['backend']

const resultsFile = 'bench/results/service.json'
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim()
const date = new Date().toISOString().slice(0, 10)

async function measure(name: string, backend: Backend, redis: RedisServer | null): Promise<Row[]> {
  const programs: Program[] = []
  const start: ScenarioOptions['start'] = async (settings = {}) => {
    const queue: Record<string, string> = backend === 'redis' ? { REDIS_URL: redis?.url ?? '' } : {}
    const program = await startProgram({ ...queue, ...settings })
    programs.push(program)
    return program
  }
  const rows: Row[] = []
  try {
    for await (const figure of scenarios[name]({ backend, start })) {
      const row = { scenario: name, backend, ...figure, value: rounded(figure.value), commit, date }
      rows.push(row)
      const bar = row.bar && `  (${row.bar})`
      console.log(`${backend.padEnd(10)}${row.measure.padEnd(72)}${row.value} ${row.unit}${bar}`)
    }
  } finally {
    for (const program of programs.reverse()) await program.stop()
  }
  return rows
}

function keep(measured: readonly Row[]): void {
  const { rows }: { rows: Row[] } = JSON.parse(readFileSync(resultsFile, 'utf8'))
  const isNew = ({ scenario, backend }: Row) =>
    measured.some((row) => row.scenario === scenario && row.backend === backend)
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
  const all = [...rows.filter((row) => !isNew(row)), ...measured]
  writeFileSync(resultsFile, `${JSON.stringify({ machine, rows: all }, null, 2)}\n`)
}

function listOf(option: string, known: readonly string[]): string[] {
  const names = option.split(',')
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(`Expected ${known.join(', ')}, got ${unknown.join(', ')}.`)
  return names
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(scenarios).join() },
    backends: { type: 'string', default: 'redis,postgres' },
  },
})
const names = listOf(values.only, Object.keys(scenarios))
const redis = await startRedis()
if (!redis) console.log('NOT MEASURED on Redis: redis-server is not installed.')
try {
  for (const backend of listOf(values.backends, ['redis', 'postgres']) as Backend[]) {
    if (backend === 'redis' && !redis) continue
    for (const name of names) keep(await measure(name, backend, redis))
  }
} finally {
  await redis?.stop()
}
