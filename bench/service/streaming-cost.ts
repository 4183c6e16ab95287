/**
 * @file What it costs the training that somebody follows it: the same job with ten event streams on it
 * and with none, in turn, so that a slow phase of the machine meets both.
 */
import { get } from 'node:http'
import { cpus } from 'node:os'

import { type Client, createClient } from '../support/client.ts'
import type { Program } from '../support/program.ts'
import { percentile } from '../support/statistics.ts'
import { made, upload } from './jobs.ts'
import { type Scenario, sleep } from './scenario.ts'

const readers = 10
const rounds = 5

/** Some 5 s, with 2,000 losses. */
const job = (dataset: string) => ({
  dataset,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [256, 256] },
  training: { steps: 60_000, batch_size: 'full' },
})

function follow({ url, key }: Program, id: string): void {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' }
  get(`${url}/v1/jobs/${id}/events`, { headers }, (response) => response.resume())
}

/** Seconds of training, by the service's own times; one job a core, the median of them. */
async function train(program: Program, client: Client, dataset: string, isFollowed: boolean) {
  const ids: string[] = []
  for (const _ of cpus()) ids.push((await made(client.send('POST', '/v1/jobs', job(dataset)))).id)
  if (isFollowed) {
    for (const id of ids) for (let i = 0; i < readers; i++) follow(program, id)
  }
  const seconds: number[] = []
  for (const id of ids) {
    for (;;) {
      const { status, started_at, ended_at } = await made<Record<string, string>>(
        client.send('GET', `/v1/jobs/${id}`),
      )
      if (ended_at && status !== 'succeeded') throw new Error(`The job ${id} has ${status}.`)
      if (ended_at) {
        seconds.push((Date.parse(ended_at) - Date.parse(started_at)) / 1000)
        break
      }
      await sleep(200)
    }
  }
  return percentile(seconds, 0.5)
}

export const streamingCost: Scenario = async function* ({ start }) {
  const program = await start({ THREADS: String(cpus().length) })
  const client = createClient(program.url, program.key)
  const dataset = await upload(client)
  await train(program, client, dataset, true) // compiles
  const alone: number[] = []
  const ratios: number[] = []
  for (let i = 0; i < rounds; i++) {
    const seconds = await train(program, client, dataset, false)
    alone.push(seconds)
    ratios.push((await train(program, client, dataset, true)) / seconds)
  }
  const measure = 'a job a core, ten event streams on each'
  yield {
    measure: `${measure}, training without them`,
    value: percentile(alone, 0.5),
    unit: 's',
    bar: '',
  }
  const longer = 100 * (percentile(ratios, 0.5) - 1)
  yield { measure: `${measure}, training takes longer by`, value: longer, unit: '%', bar: '≤ 1' }
  client.close()
}
