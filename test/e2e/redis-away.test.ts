/** @file A start on a Redis that is away or refuses: degraded and said so, not broken. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'

import { Readiness } from '../../src/contract/health.ts'
import { isRedisAvailable, testRedis } from '../support/redis.ts'
import { createClient } from './support/client.ts'
import { type TestDataFolder, testDataFolder } from './support/data-folder.ts'
import { endPrograms, startProgram } from './support/program.ts'

let folder: TestDataFolder

beforeEach(() => {
  folder = testDataFolder()
})
afterEach(async () => {
  await endPrograms()
  await folder.dispose()
})

const spec = {
  dataset: {
    rows: [
      { a: 0, y: 0 },
      { a: 1, y: 1 },
    ],
  },
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [2] },
  training: { epochs: 1, optimizer: { type: 'sgd', learning_rate: 0.1 } },
}

test('without Redis the start says so, jobs are accepted, and no password is shown', async () => {
  const program = await startProgram({
    TRAINYARD_DATA: folder.path,
    REDIS_URL: 'redis://someone:secret@127.0.0.1:1',
  })

  expect(program.stdout()).not.toContain('is ready')
  expect(program.stdout()).toContain('Redis at redis://127.0.0.1:1 (REDIS_URL) does not answer')
  const client = createClient({ url: program.url, key: program.firstKey })
  expect((await client.createJob(spec)).status).toBe('queued')
  const readiness = Readiness.parse(await (await fetch(`${program.url}/readyz`)).json())
  expect(readiness.status).toBe('degraded')
  expect(program.stdout() + JSON.stringify(program.log())).not.toContain('secret')
})

test.skipIf(!isRedisAvailable)('a password that Redis refuses is not in the log', async () => {
  const redis = await testRedis()
  onTestFinished(redis.dispose)
  const url = new URL(redis.url)
  url.username = 'nobody'
  url.password = 'secret'

  const program = await startProgram({
    TRAINYARD_DATA: folder.path,
    REDIS_URL: url.href,
  })

  expect(program.stdout()).toContain('does not answer; the log says why')
  expect(JSON.stringify(program.log())).toContain('WRONGPASS')
  expect(JSON.stringify(program.log())).not.toContain('secret')
})
