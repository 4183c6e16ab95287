/** @file What was deleted, and shredded, is nowhere in the files of the embedded Postgres. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { findPostmaster } from '../../src/embedded/postmaster.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, type Program, runProgram, startProgram } from './support/program.ts'

let folder: TestDataFolder
let program: Program
let client: Client
let admin: Client

/** In cells, in a column's name and in the names of things: in every place that copies any of them. */
const canary = `canary${randomBytes(8).toString('hex')}`
const rows = Array.from({ length: 40_000 }, (_, at) => `${at},${canary}${at % 3},${at % 2}`)
const csv = `x,${canary}name,y\n${rows.join('\n')}\n`

beforeAll(async () => {
  folder = testDataFolder()
  const adminKey = `admin-${randomBytes(24).toString('hex')}`
  program = await startProgram({
    TRAINYARD_DATA: folder.path,
    TRAINYARD_ADMIN_KEY: adminKey,
    THREADS: '1',
  })
  admin = createClient({ url: program.url, key: adminKey })
  const project = await make('/v1/projects', { name: 'test' })
  const key = await make('/v1/api-keys', { name: 'test', project: project.id })
  client = createClient({ url: program.url, key: key.secret })
})

afterAll(async () => {
  await endPrograms()
  await folder.dispose()
})

/** Files of the whole data folder that hold it, Postgres's log and its write-ahead log among them. */
function filesWithCanary(): string[] {
  return readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(canary))
}

/** Under an Idempotency-Key, as clients do that send a request again. */
async function make(path: string, body: object): Promise<{ id: string; secret: string }> {
  const response = await admin.fetch(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomBytes(8).toString('hex'),
    },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(201)
  return JSON.parse(await response.text())
}

async function makeProjectAndRemoveIt(): Promise<void> {
  const project = await make('/v1/projects', { name: `${canary} project` })
  await make('/v1/api-keys', { name: `${canary} key`, project: project.id })
  expect((await admin.fetch(`/v1/projects/${project.id}`, { method: 'DELETE' })).status).toBe(204)
}

const shred = () => runProgram({ TRAINYARD_DATA: folder.path }, 'erase', '--shred')

async function query(sql: string) {
  const password = readFileSync(join(folder.path, 'postgres.password'), 'utf8')
  const db = new pg.Client({
    host: '127.0.0.1',
    port: findPostmaster(join(folder.path, 'postgres'))?.port,
    user: 'trainyard',
    database: 'trainyard',
    password,
  })
  await db.connect()
  try {
    return (await db.query(sql)).rows
  } finally {
    await db.end()
  }
}

async function uploadAndDelete(): Promise<void> {
  const response = await client.fetch(`/v1/datasets?name=${canary}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', 'idempotency-key': randomBytes(8).toString('hex') },
    body: csv,
  })
  const { id }: { id: string } = JSON.parse(await response.text())
  const jobs = await Promise.all([1, 2, 3].map(() => client.createJob(jobOn(id))))
  for (const job of jobs) await client.jobEnded(job.id)
  await query('ANALYZE') // as autovacuum does: names that come often get into the planner's statistics
  await query('CHECKPOINT')
  const paths = [...jobs.map((job) => `jobs/${job.id}`), `datasets/${id}`]
  for (const path of paths) {
    expect((await client.fetch(`/v1/${path}`, { method: 'DELETE' })).status).toBe(204)
  }
}

const jobOn = (dataset: string) => ({
  name: canary,
  dataset,
  target: { column: 'y', task: 'classification' },
  model: { type: 'mlp', hidden: [4] },
  training: { epochs: 1 },
})

test('without --shred nothing is done', async () => {
  const { code, stderr } = await runProgram({ TRAINYARD_DATA: folder.path }, 'erase')

  expect(code).toBe(2)
  expect(stderr).toContain('Expected --shred')
})

test('what was deleted lies on in the files, and after the command it does not, while all runs', async () => {
  await uploadAndDelete()
  await makeProjectAndRemoveIt()
  expect(await query('SELECT count(*)::int AS n FROM blob_chunks')).toEqual([{ n: 0 }])
  const before = filesWithCanary()
  expect(before.some((path) => path.includes('pg_wal'))).toBe(true)
  expect(before.some((path) => path.includes('base/'))).toBe(true)

  const { code, stdout, stderr } = await shred()

  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/Rewrote 1\d tables: .* MB before, .* now/)
  expect(stdout).toContain('Out of reach')
  expect(filesWithCanary()).toEqual([])
})

test('log that Postgres keeps for others is named, and the command fails', async () => {
  await query(`ALTER SYSTEM SET wal_keep_size = '64MB'`)
  await query('SELECT pg_reload_conf()')
  await uploadAndDelete()

  const { code, stderr } = await shred()

  expect(code).toBe(1)
  expect(stderr).toMatch(/\d segments? of the log .* may still hold .* wal_keep_size is 64MB/)
  expect(filesWithCanary()).not.toEqual([])
  await query('ALTER SYSTEM RESET wal_keep_size')
  await query('SELECT pg_reload_conf()')
  expect((await shred()).code).toBe(0)
  expect(filesWithCanary()).toEqual([])
})

test('nor when the service is stopped, whose log segments were kept for later', async () => {
  await uploadAndDelete()
  // Old segments become those that are written next, with all that is in them.
  for (let i = 0; i < 3; i++) await query('CHECKPOINT')
  await program.end('SIGTERM')
  expect(filesWithCanary()).not.toEqual([])

  const { code } = await shred()

  expect(code).toBe(0)
  expect(filesWithCanary()).toEqual([])
  expect(folder.postgresProcesses()).toEqual([])
})
