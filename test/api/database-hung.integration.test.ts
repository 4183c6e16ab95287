/** @file A Postgres that accepts connections and answers nothing: its processes are stopped. */
import { afterAll, expect, test, vi } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { issueKey } from '../../src/store/keys/api-key-secret.ts'
import { insertApiKey } from '../../src/store/keys/api-keys.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createProject } from '../../src/store/projects.ts'
import { createStore } from '../../src/store/store.ts'
import { testDataFolder } from '../e2e/support/data-folder.ts'
import { testApi } from './support/api.ts'

const log = { info: () => {}, warn: () => {} }
const folder = testDataFolder()
const postgres = await startEmbeddedPostgres({ dataFolder: folder.path, log, isDurable: false })
await migrate({ connectionString: postgres.url, folder: 'prisma/migrations', log })
const store = createStore({
  connectionString: postgres.url,
  applicationName: 'test',
  maxConnections: 3,
  maxUploads: 1,
  onError: () => {},
})
afterAll(async () => {
  signalAll('SIGCONT')
  await store.close()
  await postgres.stop()
  await folder.dispose()
})
const { call } = await testApi({ store })

function signalAll(signal: NodeJS.Signals): void {
  for (const pid of folder.postgresProcesses()) process.kill(pid, signal)
}

async function insertKey(projectId: string | null): Promise<string> {
  const key = issueKey()
  const scopes = projectId === null ? (['admin'] as const) : (['jobs:read'] as const)
  await insertApiKey(store.db, { key, projectId, name: 'test', scopes, expiresAt: null })
  return key.secret
}

test('503 within seconds while Postgres hangs, and it works again when it goes on', async () => {
  const projectId = newId('project')
  await createProject(store.db, projectId, 'project')
  const asAdmin = { key: await insertKey(null) }
  const asProject = { key: await insertKey(projectId) }
  expect((await call('GET', '/v1/projects', undefined, asAdmin)).statusCode).toBe(200)

  signalAll('SIGSTOP')
  const startedMs = performance.now()
  const answers = await Promise.all([
    call('POST', '/v1/projects', { name: 'in a transaction' }, asAdmin),
    call('GET', '/v1/projects', undefined, asAdmin),
    call('GET', '/v1/limits', undefined, asProject), // its key is not known yet
    call('POST', '/v1/projects', { name: 'waits for a connection' }, asAdmin),
  ])
  const tookMs = performance.now() - startedMs
  signalAll('SIGCONT')

  for (const answer of answers) {
    expect(answer.statusCode).toBe(503)
    expect(answer.json().code).toBe('unavailable')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  expect(tookMs).toBeLessThan(11_500)
  await vi.waitFor(async () => {
    expect((await call('GET', '/v1/projects', undefined, asAdmin)).statusCode).toBe(200)
  }, 10_000)
})
