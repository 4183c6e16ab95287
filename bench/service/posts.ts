/**
 * @file POST of a job, 100 jobs a second, while all cores train: and each request is sent twice, as a
 * client does that has lost its patience, with the same Idempotency-Key. One of them makes the job.
 *
 * The second follows after 20 ms: now the first is answered and it is a replay, now it is still worked
 * on and the answer says so (409).
 */
import { createClient } from '../support/client.ts'
import { percentile } from '../support/statistics.ts'
import { byTheClock } from './by-the-clock.ts'
import { cancelAll, listJobs, trainOnAllCores, trivialJob, upload } from './jobs.ts'
import { type Scenario, sleep } from './scenario.ts'

const perSecond = 100
const seconds = 10
const impatienceMs = 20

export const posts: Scenario = async function* ({ start }) {
  const program = await start()
  const client = createClient(program.url, program.key)
  const dataset = await upload(client)
  const busy = await trainOnAllCores(client, dataset)
  const times: number[] = []
  const idsByKey = new Map<string, Set<string>>()
  let inFlight = 0
  let errors = 0

  async function post(key: string): Promise<void> {
    const headers = { 'idempotency-key': key }
    const answer = await client.send('POST', '/v1/jobs', trivialJob(dataset), headers)
    times.push(answer.milliseconds)
    if (answer.status === 201 || answer.status === 202) {
      const ids = idsByKey.get(key) ?? new Set()
      idsByKey.set(key, ids.add(JSON.parse(answer.body).id))
    } else if (answer.status === 409) inFlight += 1
    else errors += 1
  }

  await byTheClock(perSecond, seconds, async (i) => {
    await Promise.all([post(`key-${i}`), sleep(impatienceMs).then(() => post(`key-${i}`))])
  })
  const measure = 'POST /v1/jobs, 100/s and each twice, all cores train'
  yield { measure: `${measure}, p50`, value: percentile(times, 0.5), unit: 'ms', bar: '' }
  yield { measure: `${measure}, p99`, value: percentile(times, 0.99), unit: 'ms', bar: '≤ 150' }
  yield { measure: `${measure}, errors`, value: errors, unit: '', bar: '0' }
  yield { measure: `${measure}, 409 while in flight`, value: inFlight, unit: '', bar: '' }

  const keys = perSecond * seconds
  const made = (await listJobs(client)).length - busy.length
  const single = [...idsByKey.values()].filter((ids) => ids.size === 1).length
  yield { measure: 'keys that made one job', value: single, unit: `of ${keys}`, bar: `${keys}` }
  yield { measure: 'jobs that they made', value: made, unit: '', bar: `${keys}` }
  await cancelAll(client, busy)
  client.close()
}
