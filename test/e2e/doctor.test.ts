import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

import { isRedisAvailable, testRedis } from '../support/redis.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, runProgram, startProgram } from './support/program.ts'

const Report = z.strictObject({
  status: z.enum(['ok', 'failed']),
  findings: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'warning', 'failed']),
      found: z.string(),
      advice: z.string().nullable(),
    }),
  ),
})

let folder: TestDataFolder

beforeEach(() => {
  folder = testDataFolder()
})
afterEach(async () => {
  await endPrograms()
  await folder.dispose()
})

async function report(settings: Record<string, string>) {
  const { code, stdout } = await runProgram(
    { TRAINYARD_DATA: folder.path, ...settings },
    'doctor',
    '--json',
  )
  const parsed = Report.parse(JSON.parse(stdout))
  return { code, status: parsed.status, of: new Map(parsed.findings.map((one) => [one.name, one])) }
}

test('the embedded Postgres is sound, stopped before and after', async () => {
  const { code, stdout, stderr } = await runProgram({ TRAINYARD_DATA: folder.path }, 'doctor')

  expect(stderr).toBe('')
  expect(code).toBe(0)
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    expect(stdout).toMatch(new RegExp(`^ok +${name} +on$`, 'm'))
  }
  expect(stdout).toMatch(/kernels +(native|wasm)/)
  expect(stdout).toContain('All is as it should be.')
  expect(folder.postgresProcesses()).toEqual([])
})

test('it looks at a service that runs, and leaves it running', async () => {
  const program = await startProgram({ TRAINYARD_DATA: folder.path, THREADS: '1' })

  const { of } = await report({})

  expect(of.get('schema')).toMatchObject({ status: 'ok' })
  expect(of.get('database clock')).toMatchObject({ status: 'ok' })
  expect((await fetch(`${program.url}/readyz`)).status).toBe(200)
})

test('a Postgres and a Redis that do not answer are failures, and the rest is looked at', async () => {
  const { code, status, of } = await report({
    DATABASE_URL: 'postgresql://me:secret@127.0.0.1:1/none',
    REDIS_URL: 'redis://:secret@127.0.0.1:1',
  })

  expect({ code, status }).toEqual({ code: 1, status: 'failed' })
  expect(of.get('postgres')).toMatchObject({ status: 'failed', found: 'does not answer' })
  expect(of.get('redis')).toMatchObject({ status: 'failed', found: 'does not answer' })
  expect(of.get('kernels')?.found).toMatch(/native|wasm/)
  expect(JSON.stringify([...of])).not.toContain('secret')
})

test.skipIf(!isRedisAvailable)('a Redis that may remove messages is a failure', async () => {
  const redis = await testRedis()
  onTestFinished(() => redis.dispose())
  const client = new Redis(redis.url)
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  client.disconnect()

  const { code, of } = await report({ REDIS_URL: redis.url })

  expect(code).toBe(1)
  expect(of.get('maxmemory-policy')).toMatchObject({ status: 'failed', found: 'allkeys-lru' })
  expect(of.get('appendonly')).toMatchObject({ status: 'warning' })
})
