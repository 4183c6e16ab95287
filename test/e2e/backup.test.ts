/** @file The drill: a service with a trained job is backed up, lost, and made again from the file. */
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Job } from '../../src/contract/jobs.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { irisCsv, longJob } from './support/long-job.ts'
import { endPrograms, type Program, runProgram, startProgram } from './support/program.ts'

let lost: TestDataFolder
let made: TestDataFolder
let program: Program
let client: Client
let key: string | null
let trained: { id: string; sha256: string }
let queued: string
let running: string

const file = () => join(lost.path, 'all.tar')
const run = (folder: TestDataFolder, ...args: string[]) =>
  runProgram({ TRAINYARD_DATA: folder.path }, ...args)

beforeAll(async () => {
  lost = testDataFolder()
  made = testDataFolder()
  program = await startProgram({ TRAINYARD_DATA: lost.path, THREADS: '1' })
  key = program.firstKey
  client = createClient({ url: program.url, key })
  const spec = {
    dataset: await client.upload(irisCsv),
    target: { column: 'species' },
    model: { type: 'mlp', hidden: [16] },
    training: { epochs: 20, seed: 3 },
  }
  const { id } = await client.createJob(spec)
  const { weights } = await client.jobEnded(id)
  trained = { id, sha256: weights?.sha256 ?? '' }
})

afterAll(async () => {
  await endPrograms()
  await lost.dispose()
  await made.dispose()
})

test('a backup is written while the service runs and trains', async () => {
  // One runs and one waits behind it, on the one thread.
  const spec = await longJob(client, 60)
  running = (await client.createJob(spec)).id
  await client.jobWhen(running, ({ status }) => status === 'running')
  queued = (await client.createJob({ ...spec, training: { epochs: 2 } })).id

  const { code, stdout, stderr } = await run(lost, 'backup', file())

  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/all\.tar: .* rows of 1\d tables, in/)
  expect((await client.jobWhen(queued, () => true)).status).toBe('queued')
  await client.fetch(`/v1/jobs/${running}/cancel`, { method: 'POST' })
  await client.jobEnded(queued)
})

test('and again when it is stopped, after which no Postgres is left running', async () => {
  expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })

  const { code } = await run(lost, 'backup', join(lost.path, 'stopped.tar'))

  expect(code).toBe(0)
  expect(statSync(join(lost.path, 'stopped.tar')).size).toBeGreaterThan(10_000)
  expect(lost.postgresProcesses()).toEqual([])
})

test('a cut file is refused before there is even a database to fill', async () => {
  const cut = join(lost.path, 'cut.tar')
  writeFileSync(cut, 'backup.json')

  const { code, stderr } = await run(made, 'restore', cut)

  expect(code).toBe(1)
  expect(stderr).toBe(`${cut} is not a backup that \`trainyard backup\` has written.\n`)
  expect(readdirSync(made.path)).toEqual([])
})

test('restored into nothing, the service has the same weights, keys and jobs', async () => {
  const { code, stdout, stderr } = await run(made, 'restore', file())
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('Every blob has the SHA-256')

  program = await startProgram({ TRAINYARD_DATA: made.path, THREADS: '2', LEASE_SECONDS: '10' })

  expect(program.firstKey).toBeNull()
  client = createClient({ url: program.url, key })
  expect(await client.weightsHash(trained.id)).toBe(trained.sha256)
  // Its message was lost with the old queue, or is in the outbox: either way it is trained.
  expect(await client.jobEnded(queued)).toMatchObject({ status: 'succeeded' })
  const { id } = await client.createJob(await longJob(client, 0.1))
  expect(await client.jobEnded(id)).toMatchObject({ status: 'succeeded' })
})

test('a service that runs is not overwritten by mistake, and can be with --force when it is idle', async () => {
  const refused = await run(made, 'restore', file())
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/not empty.*--force/)

  // Its lease of the backup has ended, and this service has taken it over.
  const isAtWork = ({ status, attempt }: Job) => status === 'running' && attempt > 1
  await client.jobWhen(running, isAtWork, 60_000)
  const atWork = await run(made, 'restore', file(), '--force')
  expect(atWork.code).toBe(1)
  expect(atWork.stderr).toMatch(/at work on jobs of this database:.*Stop them first/s)
  await client.fetch(`/v1/jobs/${running}/cancel`, { method: 'POST' })
  await client.jobEnded(running)

  const { code } = await run(made, 'restore', file(), '--force')
  expect(code).toBe(0)
  expect(await client.weightsHash(trained.id)).toBe(trained.sha256)
  expect(await client.jobEnded(queued)).toMatchObject({ status: 'succeeded' })
})

test.each([
  [['backup'], 'Expected <file>, got []'],
  [['backup', 'a', 'b'], 'Expected <file>, got ["a","b"]'],
  [['restore', 'a', '--forse'], "Unknown option '--forse'"],
  [['bakcup'], 'There is no command "bakcup"'],
])('%j is explained, and nothing is started', async (args, words) => {
  const { code, stderr } = await run(made, ...args)

  expect(code).toBe(2)
  expect(stderr).toContain(words)
  expect(stderr).toMatch(/usage:\n? +trainyard/i)
})
