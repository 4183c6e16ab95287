/**
 * @file An API key is shown to who made it, once, and is nowhere else: not in the log at its most
 * talkative, not in an answer, not in Redis, and in no file of the database, write-ahead log included.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { CreatedApiKey, ProjectPage } from '../../src/contract/tenancy.ts'
import { describeOnEachQueue, type TestRedis, testRedis } from '../support/services.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, type Program, startProgram } from './support/program.ts'

const spec = {
  dataset: { rows: [0, 1, 2, 3].map((a) => ({ a, y: a % 2 })) },
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { epochs: 1, batch_size: 'full' },
}

describeOnEachQueue('a key', ({ name }) => {
  let folder: TestDataFolder
  let redis: TestRedis | undefined
  let program: Program
  /** One that came with the settings, one that the API made, and the one that a rotation made of that. */
  const canaries: string[] = []
  const answers: string[] = []

  beforeAll(async () => {
    folder = testDataFolder()
    redis = name === 'redis' ? await testRedis() : undefined
    const brought = 'canary-of-an-administrator-0123456789abcdef'
    program = await startProgram({
      TRAINYARD_DATA: folder.path,
      THREADS: '1',
      LOG_LEVEL: 'trace',
      TRAINYARD_ADMIN_KEY: brought,
      ...(redis && { REDIS_URL: redis.url }),
    })
    const made = await makeKey(brought)
    canaries.push(brought, made.secret, await rotateKey(brought, made.id))
    for (const key of canaries) await useEverywhere(key)
    await sleep(500) // for what is written after the answer
  })

  afterAll(async () => {
    await endPrograms()
    await redis?.dispose()
    await folder.dispose()
  })

  async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
    const answer = await fetch(`${program.url}${path}`, { method, headers, body: body ?? null })
    const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`
    answers.push(text)
    return { status: answer.status, text }
  }

  /** Made with an Idempotency-Key, whose answer is kept; the only answer that shows it is not judged. */
  async function makeKey(admin: string) {
    const authorization = `Bearer ${admin}`
    const projects = await fetch(`${program.url}/v1/projects`, { headers: { authorization } })
    const { data } = ProjectPage.parse(await projects.json())
    const headers = {
      authorization,
      'content-type': 'application/json',
      'idempotency-key': 'make-the-canary',
    }
    const scopes = ['jobs:read', 'jobs:write', 'datasets:read', 'datasets:write', 'admin']
    const body = JSON.stringify({ name: 'canary', project: data[0].id, scopes })
    const made = await fetch(`${program.url}/v1/api-keys`, { method: 'POST', headers, body })
    const { id, secret } = CreatedApiKey.parse(await made.json())
    await ask('POST', '/v1/api-keys', headers, body) // a replay, which must not show it
    return { id, secret: secret ?? '' }
  }

  async function rotateKey(admin: string, id: string): Promise<string> {
    const headers = {
      authorization: `Bearer ${admin}`,
      'content-type': 'application/json',
      'idempotency-key': 'rotate-the-canary',
    }
    const path = `/v1/api-keys/${id}/rotate`
    const made = await fetch(`${program.url}${path}`, { method: 'POST', headers, body: '{}' })
    const { secret } = CreatedApiKey.parse(await made.json())
    expect((await ask('POST', path, headers, '{}')).status).toBe(201)
    const again = { ...headers, 'idempotency-key': 'rotate-it-again' }
    expect((await ask('POST', path, again, '{}')).status).toBe(409)
    return secret ?? ''
  }

  /** Where it belongs, and where people put it by mistake. */
  async function useEverywhere(key: string): Promise<void> {
    const authorization = `Bearer ${key}`
    const json = { authorization, 'content-type': 'application/json' }
    const done = await ask('POST', '/v1/jobs', { ...json, prefer: 'wait=30' }, JSON.stringify(spec))
    expect(done.status).toBe(200)
    await ask('GET', '/v1/api-keys', { authorization })
    await ask('GET', '/metrics', { authorization })
    await ask('GET', '/v1/limits', { authorization: key })
    await ask('GET', '/v1/limits', { authorization: `Basic ${key}` })
    await ask('GET', '/v1/limits', { authorization: `${authorization}x` })
    await ask('GET', '/v1/limits', { 'x-api-key': key })
    await ask('POST', '/v1/jobs', json, '{"dataset":')
    await ask('POST', '/v1/jobs', { ...json, 'content-type': 'text/csv' }, 'a')
    await ask('DELETE', `/v1/jobs/job_${'0'.repeat(32)}`, { authorization })
    // In a URL it is on its way to every log but ours. The answer may say what was wrong with it.
    await fetch(`${program.url}/v1/limits?key=${key}`, { headers: { authorization } })
    await fetch(`${program.url}/v1/jobs/${key}`, { headers: { authorization } })
  }

  test('was used by its owner, so there was something to find', () => {
    expect(answers.length).toBeGreaterThan(20)
    expect(program.log().length).toBeGreaterThan(20)
  })

  test('is in no answer but the one that made it', () => {
    for (const key of canaries) expect(answers.filter((text) => text.includes(key))).toEqual([])
  })

  test('is not in the log, nor in what is printed', () => {
    const log = program.log().map((line) => JSON.stringify(line))
    for (const key of canaries) {
      expect(log.filter((line) => line.includes(key))).toEqual([])
      expect(program.stdout()).not.toContain(key)
    }
  })

  test('is in no file of the data folder, but its hash is', async () => {
    const files = filesIn(folder.path)
    expect(files.some(({ content }) => content.includes('canary'))).toBe(true)
    for (const key of canaries) {
      expect(files.filter(({ content }) => content.includes(key)).map(({ path }) => path)).toEqual(
        [],
      )
    }
  })

  if (name === 'redis')
    test('is nowhere in Redis', async () => {
      const client = new Redis(redis?.url ?? '')
      const keys = await client.keys('*')
      const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
      client.disconnect()
      expect(keys.length).toBeGreaterThan(0)
      for (const key of canaries) {
        expect(keys.filter((name) => name.includes(key))).toEqual([])
        expect(dumps.filter((dump) => dump?.includes(key))).toEqual([])
      }
    })
})

/** Those that can be read: some go while they are listed. */
function filesIn(folder: string): { readonly path: string; readonly content: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name)
    try {
      return statSync(path).isFile() ? [{ path, content: readFileSync(path) }] : []
    } catch {
      return []
    }
  })
}
