import { expect, test } from 'vitest'
import { issueKey } from '../../src/store/keys/api-key-secret.ts'
import { createStore } from '../../src/store/store.ts'
import { testApi } from './support/api.ts'

const unreachable = createStore({
  connectionString: 'postgresql://nobody@127.0.0.1:1/none',
  applicationName: 'test',
  maxConnections: 1,
  maxUploads: 4,
  onError: () => {},
})
const away = await testApi({ store: unreachable })
const { call, keys, store } = await testApi()

function expectUnavailable(answer: Awaited<ReturnType<typeof call>>) {
  expect(answer.statusCode).toBe(503)
  expect(answer.json().code).toBe('unavailable')
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(answer.body).not.toMatch(/ECONN|127\.0\.0\.1|prisma|SELECT/i)
}

test('503 with Retry-After when the database cannot be reached', async () => {
  const key = issueKey().secret
  expectUnavailable(await away.call('GET', '/v1/limits', undefined, { key }))
  expectUnavailable(await away.call('POST', '/v1/projects', { name: 'x' }, { key }))
})

test('503 when connections are cut in the middle of a request, and it works again at once', async () => {
  const asAdmin = { key: keys.admin }
  const answers = await Promise.all([
    ...Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0
        ? call('POST', '/v1/projects', { name: 'x' }, asAdmin)
        : call('GET', '/v1/projects', undefined, asAdmin),
    ),
    ...Array.from({ length: 5 }, () => cutAll()),
  ])
  for (const answer of answers) {
    if (!answer) continue
    if (answer.statusCode !== 200 && answer.statusCode !== 201) expectUnavailable(answer)
  }
  expect((await call('POST', '/v1/projects', { name: 'after' }, asAdmin)).statusCode).toBe(201)
})

async function cutAll(): Promise<undefined> {
  await store.db
    .query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    .catch(() => {}) // cut by another
}
