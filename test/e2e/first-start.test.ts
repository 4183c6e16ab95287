/** @file From nothing to a trained network: the embedded defaults, as README shows them. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { Job, JobPage } from '../../src/contract/jobs.ts'
import { PredictResponse } from '../../src/contract/predictions.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { irisCsv } from './support/long-job.ts'
import { endPrograms, type Program, runProgram, startProgram } from './support/program.ts'

let folder: TestDataFolder
let program: Program
let client: Client
let key: string | null

const settings = () => ({ TRAINYARD_DATA: folder.path })

beforeAll(async () => {
  folder = testDataFolder()
  program = await startProgram(settings())
  key = program.firstKey
  client = createClient({ url: program.url, key })
})

afterAll(async () => {
  await endPrograms()
  await folder.dispose()
})

test('the first start is ready within ten seconds, and says where everything is', () => {
  const stdout = program.stdout()
  expect(Number(/ready \((.+) s\)/.exec(stdout)?.[1])).toBeLessThan(10)
  expect(stdout).toMatch(/API +http:\/\/127\.0\.0\.1:\d+/)
  expect(stdout).toContain(folder.path)
  expect(stdout).toContain('on the same Postgres')
  expect(key).toMatch(/^ty_/)
})

test('the key is printed and kept nowhere else: not in the log', () => {
  expect(JSON.stringify(program.log())).not.toContain(key)
})

const hasCurl = spawnSync('bash', ['-c', 'curl --version'], { stdio: 'ignore' }).status === 0

test.skipIf(!hasCurl)('the printed curl line, pasted into a shell, trains a network', async () => {
  const curl = program.stdout().slice(program.stdout().indexOf('curl '))

  const { stdout } = await promisify(execFile)('bash', ['-c', curl])

  expect(Job.parse(JSON.parse(stdout))).toMatchObject({
    name: 'xor',
    status: 'succeeded',
    evaluation: { training: { accuracy: 1 } },
  })
})

test.each(['/docs', '/openapi.json', '/livez', '/readyz', '/metrics'])(
  '%s answers without a key',
  async (path) => {
    expect((await fetch(`${program.url}${path}`)).status).toBe(200)
  },
)

test('iris from CSV: uploaded, trained, downloaded, predicted', async () => {
  const dataset = await client.upload(irisCsv)
  const spec = JSON.parse(readFileSync('examples/jobs/iris.json', 'utf8'))
  const { id } = await client.createJob({ ...spec, dataset })

  const job = await client.jobEnded(id)
  expect(job).toMatchObject({ status: 'succeeded', attempt: 1 })
  expect(job.evaluation?.training).toMatchObject({ task: 'classification', rows: 150 })
  expect(job.metrics.accuracy).toBeGreaterThanOrEqual(0.97)

  expect(await client.weightsHash(id)).toBe(job.weights?.sha256)

  const setosa = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }
  const virginica = { sepal_length: 6.7, sepal_width: 3, petal_length: 5.8, petal_width: 2.3 }
  const predicted = await client.post(PredictResponse, `/v1/jobs/${id}/predict`, {
    rows: [setosa, virginica],
  })
  expect(predicted.data).toMatchObject([{ label: 'setosa' }, { label: 'virginica' }])
})

test('--create-key prints another key while the service runs, and leaves it running', async () => {
  const { code, stdout } = await runProgram(settings(), '--create-key')

  expect(code).toBe(0)
  const other = createClient({ url: program.url, key: stdout.trim() })
  expect((await other.fetch('/v1/jobs')).status).toBe(200)
  expect((await client.fetch('/v1/jobs')).status).toBe(200)
})

test('a second start finds all data, and prints no key: the first one is good', async () => {
  const { data: jobs } = await client.get(JobPage, '/v1/jobs')
  const hashes = await Promise.all(jobs.map(({ id }) => client.weightsHash(id)))
  await program.end('SIGTERM')

  program = await startProgram(settings())
  client = createClient({ url: program.url, key })

  expect(program.firstKey).toBeNull()
  expect(program.stdout()).not.toContain('ty_')
  expect(jobs.length).toBeGreaterThan(1)
  expect(await Promise.all(jobs.map(({ id }) => client.weightsHash(id)))).toEqual(hashes)
})
