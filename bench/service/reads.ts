/** @file GET of a job, 300 a second, while all cores train. */
import { createClient } from '../support/client.ts'
import { percentile } from '../support/statistics.ts'
import { byTheClock } from './by-the-clock.ts'
import { trainOnAllCores, upload } from './jobs.ts'
import type { Scenario } from './scenario.ts'

const seconds = 10

export const reads: Scenario = async function* ({ start }) {
  const program = await start()
  const client = createClient(program.url, program.key)
  const jobs = await trainOnAllCores(client, await upload(client))
  const times: number[] = []
  let errors = 0
  await byTheClock(300, seconds, async (i) => {
    const { status, milliseconds } = await client.send('GET', `/v1/jobs/${jobs[i % jobs.length]}`)
    times.push(milliseconds)
    if (status !== 200) errors += 1
  })
  const measure = 'GET /v1/jobs/{id}, 300/s, all cores train'
  yield { measure: `${measure}, p50`, value: percentile(times, 0.5), unit: 'ms', bar: '' }
  yield { measure: `${measure}, p99`, value: percentile(times, 0.99), unit: 'ms', bar: '≤ 75' }
  yield { measure: `${measure}, errors`, value: errors, unit: '', bar: '0' }
  client.close()
}
