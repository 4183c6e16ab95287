/**
 * @file `npm run examples`: trains the examples against a running service, and prints what came out.
 * Without names those whose data comes along; `npm run examples -- shakespeare` and `-- mnist` train
 * on what their folder in examples/data holds, where README says it comes from.
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

async function call(method, path, body, headers = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
    body,
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.title}: ${answer.detail} ${answer.hint ?? ''}`)
  return answer
}

const read = (path) => readFile(new URL(path, import.meta.url))

async function uploadFile(name, file, type) {
  const dataset = await call('POST', `/v1/datasets?name=${name}`, await read(`data/${file}`), {
    'content-type': type,
  })
  return dataset.id
}

/** The two files of an IDX dataset, in this order. */
async function uploadImages(name, images, labels) {
  const form = new FormData()
  form.append('images', new Blob([await read(`data/${images}`)]))
  form.append('labels', new Blob([await read(`data/${labels}`)]))
  return (await call('POST', `/v1/datasets?name=${name}`, form)).id
}

const csv = (name) => async () => ({ DATASET: await uploadFile(name, `${name}.csv`, 'text/csv') })

/** What the placeholders of each spec become. */
const uploads = {
  xor: async () => ({}),
  'ten-to-five': csv('ten-to-five'),
  iris: csv('iris'),
  digits: csv('digits'),
  shakespeare: async () => ({
    DATASET: await uploadFile('shakespeare', 'shakespeare/input.txt', 'text/plain'),
  }),
  mnist: async () => ({
    DATASET: await uploadImages(
      'mnist',
      'mnist/train-images-idx3-ubyte',
      'mnist/train-labels-idx1-ubyte',
    ),
    TEST_DATASET: await uploadImages(
      'mnist-test',
      'mnist/t10k-images-idx3-ubyte',
      'mnist/t10k-labels-idx1-ubyte',
    ),
  }),
}

async function train(name) {
  const ids = await uploads[name]()
  const text = (await read(`jobs/${name}.json`)).toString()
  const spec = text.replace(/"(DATASET|TEST_DATASET)"/g, (_, placeholder) =>
    JSON.stringify(ids[placeholder]),
  )
  let job = await call('POST', '/v1/jobs', spec, {
    'content-type': 'application/json',
    prefer: 'wait=50',
  })
  while (job.ended_at === null) {
    const { epoch, epochs, step, steps, eta_seconds: eta } = job.progress
    console.log(`${name}: step ${step} of ${steps}, epoch ${epoch} of ${epochs}, ${eta} s to go`)
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    job = await call('GET', `/v1/jobs/${job.id}`)
  }
  return job
}

const withTheirData = ['xor', 'ten-to-five', 'iris', 'digits']
const names = process.argv.length > 2 ? process.argv.slice(2) : withTheirData
for (const name of names) {
  if (!Object.hasOwn(uploads, name)) throw new Error(`There is no example "${name}".`)
  const job = await train(name)
  const seconds = (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000
  console.log(`${name}: ${job.status} in ${seconds.toFixed(2)} s, ${JSON.stringify(job.metrics)}`)
}
