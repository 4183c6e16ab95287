import pg from 'pg'
import { afterAll, expect, test } from 'vitest'

import { isMigrated } from '../../src/store/is-migrated.ts'
import { testDatabase } from '../support/services.ts'

const database = await testDatabase()
const client = new pg.Client({ connectionString: database.url })
await client.connect()
afterAll(async () => {
  await client.end()
  await database.dispose()
})

test('a schema is ready when every migration that was begun has finished, or was taken back', async () => {
  expect(await isMigrated(client)).toBe(true)

  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', '', 'half')`,
  )
  expect(await isMigrated(client)).toBe(false)

  await client.query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = '1'`)
  expect(await isMigrated(client)).toBe(true)
})

test('a schema without any migration is not ready', async () => {
  await client.query('DELETE FROM _prisma_migrations')
  expect(await isMigrated(client)).toBe(false)
})
