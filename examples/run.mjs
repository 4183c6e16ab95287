/**
 * @file `npm run examples`: trains every example against a running service, and prints what came out.
 *
 * TRAINYARD_KEY is an API key; TRAINYARD_URL where the service listens, http://127.0.0.1:8080 unless
 * given.
 */
import { readFile } from 'node:fs/promises'

const url = process.env.TRAINYARD_URL ?? 'http://127.0.0.1:8080'
const key = process.env.TRAINYARD_KEY
if (!key) {
  console.error('Set TRAINYARD_KEY to an API key; `npm run keys:create` makes one.')
  process.exit(1)
}

async function post(path, type, body, headers = {}) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers },
    body,
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.title}: ${answer.detail} ${answer.hint}`)
  return answer
}

const read = (path) => readFile(new URL(path, import.meta.url))

async function train(name) {
  const spec = JSON.parse(await read(`jobs/${name}.json`))
  if (spec.dataset === 'DATASET') {
    const file = await read(`data/${name}.csv`)
    spec.dataset = (await post(`/v1/datasets?name=${name}`, 'text/csv', file)).id
  }
  return post('/v1/jobs', 'application/json', JSON.stringify(spec), { prefer: 'wait=50' })
}

for (const name of ['xor', 'ten-to-five', 'iris', 'digits']) {
  const job = await train(name)
  const seconds = (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000
  console.log(`${name}: ${job.status} in ${seconds.toFixed(2)} s, ${JSON.stringify(job.metrics)}`)
}
