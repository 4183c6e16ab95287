/**
 * @file Whoever locks several keys takes them in the order of their ids: two requests that began at
 * different ends would wait for each other until Postgres ended one of them.
 */
import { afterAll, expect, test, vi } from 'vitest'
import { issueKey } from '../../../src/store/keys/api-key-secret.ts'
import { revokeApiKey, touchApiKeys } from '../../../src/store/keys/api-keys.ts'
import { keepAdminKeyOutside } from '../../../src/store/keys/keep-admin-key.ts'
import { lockAdminKeys } from '../../../src/store/keys/lock-admin-keys.ts'
import { rotateApiKey } from '../../../src/store/keys/rotate-api-key.ts'
import { createStore } from '../../../src/store/store.ts'
import type { Queryable } from '../../../src/store/transaction.ts'
import { testDatabase } from '../../support/services.ts'

const database = await testDatabase()
const store = createStore({
  connectionString: database.url,
  applicationName: 'test',
  maxConnections: 4,
  maxUploads: 1,
  onError: () => {},
})
afterAll(async () => {
  await store.close()
  await database.dispose()
})

const [first, last, other] = ['0', '1', '2'].map((digit) => `key_${digit.repeat(32)}`)
// In the order in which a scan would not meet them by their ids.
for (const id of [other, last, first]) {
  await store.db.query(
    `INSERT INTO api_keys (id, name, scopes, secret_sha256) VALUES ($1, 'k', '{admin}', '')`,
    [id],
  )
}

test.each<[string, (transaction: Queryable) => Promise<void>]>([
  ['revoking one', (transaction) => revokeApiKey(transaction, other)],
  ['removing a project', (transaction) => keepAdminKeyOutside(transaction, 'prj_none')],
])('%s waits for the first key before it takes the last', async (_, work) => {
  let waiting: Promise<void> | undefined
  await store.transaction(async (transaction) => {
    await transaction.query('SELECT 1 FROM api_keys WHERE id = $1 FOR UPDATE', [first])
    waiting = store.transaction(work)
    await isWaiting()
    await transaction.query('SELECT 1 FROM api_keys WHERE id = $1 FOR UPDATE NOWAIT', [last])
  })
  await expect(waiting).resolves.toBeUndefined()
})

test('writing down their use waits for nobody, who might wait for one of them', async () => {
  const plain = `key_${'0'.repeat(31)}f`
  await store.db.query(
    `INSERT INTO api_keys (id, name, scopes, secret_sha256) VALUES ($1, 'k', '{predict}', '')`,
    [plain],
  )
  await store.transaction(async (transaction) => {
    await lockAdminKeys(transaction)
    await touchApiKeys(store.db, [plain, last])
    await revokeApiKey(transaction, plain)
  })
  const { rows } = await store.db.query<{ id: string }>(
    'SELECT id FROM api_keys WHERE last_used_at IS NOT NULL',
  )
  expect(rows).toEqual([{ id: plain }])
})

test('a revocation that waited for the rotation of another admin key counts the new one', async () => {
  await store.db.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [other])
  let revoking: Promise<void> | undefined
  await store.transaction(async (transaction) => {
    const rotation = { key: issueKey(), overlapSeconds: 60, expiresAt: undefined }
    await rotateApiKey(transaction, first, rotation)
    revoking = store.transaction((another) => revokeApiKey(another, last))
    await isWaiting()
  })
  await expect(revoking).resolves.toBeUndefined()
})

async function isWaiting(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rowCount } = await store.db.query(`SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`)
      expect(rowCount).toBeGreaterThan(0)
    },
    { timeout: 5_000, interval: 10 },
  )
}
