/** @file `trainyard collect` on the built program, beside a service that runs, and without one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { findPostmaster } from '../../src/embedded/postmaster.ts'
import { type Client, createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, type Program, runProgram, startProgram } from './support/program.ts'

let folder: TestDataFolder
let program: Program
let client: Client
let jobId: string

const spec = {
  dataset: { rows: [0, 1, 2, 3].map((a) => ({ a, y: a % 2 })) },
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { steps: 20, batch_size: 'full', checkpoint_every: 1 },
}

beforeAll(async () => {
  folder = testDataFolder()
  program = await startProgram({ TRAINYARD_DATA: folder.path, THREADS: '1' })
  client = createClient({ url: program.url, key: program.firstKey })
  jobId = (await client.createJob(spec)).id
  await client.jobEnded(jobId)
  await query(`UPDATE jobs SET ended_at = now() - interval '31 days'`)
  await query(`UPDATE checkpoints SET created_at = now() - interval '31 days'`)
})

afterAll(async () => {
  await endPrograms()
  await folder.dispose()
})

async function query(sql: string) {
  const db = new pg.Client({
    host: '127.0.0.1',
    port: findPostmaster(join(folder.path, 'postgres'))?.port,
    user: 'trainyard',
    database: 'trainyard',
    password: readFileSync(join(folder.path, 'postgres.password'), 'utf8'),
  })
  await db.connect()
  try {
    return (await db.query(sql)).rows
  } finally {
    await db.end()
  }
}

const count = async (table: string) =>
  (await query(`SELECT count(*)::int AS n FROM ${table}`))[0].n as number

const collect = (days: string | undefined, ...args: string[]) =>
  runProgram(
    {
      TRAINYARD_DATA: folder.path,
      ...(days && { RETENTION_CHECKPOINT_DAYS: days, RETENTION_HISTORY_DAYS: days }),
    },
    'collect',
    ...args,
  )

test('without a policy nothing goes, and it says which settings make one', async () => {
  const before = await count('losses')
  const { code, stdout, stderr } = await collect(undefined)

  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('RETENTION_CHECKPOINT_DAYS is not set')
  expect(stdout).toContain('Removed nothing.')
  expect(before).toBeGreaterThan(10)
  expect(await count('losses')).toBe(before)
})

test('a dry run says by project what would go, and nothing has gone', async () => {
  const [losses, checkpoints] = [await count('losses'), await count('checkpoints')]
  const [{ id: project }] = await query('SELECT id FROM projects')

  const { code, stdout } = await collect('30', '--dry-run')
  expect(code).toBe(0)
  expect(stdout).toContain('kept for 30 days')
  expect(stdout).toMatch(
    new RegExp(`${project}: .*${losses} losses \\(.* bytes|kB\\), \\d+ events \\(`),
  )
  expect(stdout).toContain('Nothing was removed.')

  const report = JSON.parse((await collect('30', '--dry-run', '--json')).stdout)
  expect(report).toMatchObject({
    dry_run: true,
    interrupted: false,
    policy: { checkpoint_days: 30, history_days: 30 },
    projects: [{ project, losses: { rows: losses } }],
    total: { losses: { rows: losses }, checkpoints: { rows: checkpoints } },
  })
  expect([await count('losses'), await count('checkpoints')]).toEqual([losses, checkpoints])
})

test('the command removes it, beside the service, and the client is told', async () => {
  const { code, stdout } = await collect('30')
  expect(code).toBe(0)
  expect(stdout).toMatch(/Removed .*losses/)
  expect(await count('losses')).toBe(0)
  expect(await count('checkpoints')).toBe(0)

  const losses = await (await client.fetch(`/v1/jobs/${jobId}/losses`)).json()
  expect(losses).toMatchObject({ series: [], collected_at: expect.any(String) })
  expect((await client.fetch(`/v1/jobs/${jobId}/weights`)).status).toBe(200)
})

test('a service with a policy collects by itself', async () => {
  await client.jobEnded((await client.createJob(spec)).id)
  await query(`UPDATE jobs SET ended_at = now() - interval '31 days'`)
  expect(await count('losses')).toBeGreaterThan(10)
  await program.end('SIGTERM')

  const settings = { TRAINYARD_DATA: folder.path, THREADS: '1', RETENTION_HISTORY_DAYS: '30' }
  program = await startProgram(settings)
  await vi.waitFor(async () => expect(await count('losses')).toBe(0), {
    timeout: 20_000,
    interval: 100,
  })
  expect(await count('weights')).toBe(2)
})

test('what is not a switch of it is refused, and settings that cannot be too', async () => {
  expect((await collect('30', '--dryrun')).code).toBe(2)
  const { code, stderr } = await collect('-1', '--dry-run')
  expect(code).toBe(1)
  expect(stderr).toContain('RETENTION_CHECKPOINT_DAYS')
})
