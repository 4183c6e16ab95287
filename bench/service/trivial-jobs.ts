/** @file How soon a trivial job is done, from the POST until the client knows; and how many a second. */
import { type Client, createClient } from '../support/client.ts'
import { percentile } from '../support/statistics.ts'
import { trivialJob, upload } from './jobs.ts'
import type { Scenario } from './scenario.ts'

async function trainToTheEnd(client: Client, dataset: string): Promise<number> {
  const answer = await client.send('POST', '/v1/jobs', trivialJob(dataset), { prefer: 'wait=30' })
  const { status } = JSON.parse(answer.body)
  if (status !== 'succeeded') throw new Error(`Job: ${answer.status} ${answer.body.slice(0, 500)}`)
  return answer.milliseconds
}

/** One job after another. */
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

export const trivialJobs: Scenario = async function* ({ backend, start }) {
  const program = await start()
  const client = createClient(program.url, program.key)
  const dataset = await upload(client)
  const times = await latency(client, dataset)
  const bar = backend === 'redis' ? '≤ 15' : '≤ 25'
  const measure = 'POST to succeeded, trivial job'
  yield { measure: `${measure}, p50`, value: percentile(times, 0.5), unit: 'ms', bar }
  yield { measure: `${measure}, p99`, value: percentile(times, 0.99), unit: 'ms', bar: '' }
  yield {
    measure: 'trivial jobs, 50 clients',
    value: await jobsPerSecond(client, dataset),
    unit: 'jobs/s',
    bar: backend === 'redis' ? '≥ 250' : '',
  }
  yield {
    measure: 'memory of the program after 2,400 jobs',
    value: await program.residentMiB(),
    unit: 'MiB',
    bar: '',
  }
  client.close()
}
