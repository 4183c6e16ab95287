import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { Scope } from '../../src/contract/tenancy.ts'
import { createProject } from '../../src/store/projects.ts'
import { testApi } from './support/api.ts'

const { call, createKey, keys, store } = await testApi()

test('the last admin key can be neither revoked nor removed with its project', async () => {
  const home = newId('project')
  await createProject(store.db, home, 'home of the only admin')
  const only = await createKey({ projectId: home, scopes: Scope.options })
  const { rows } = await store.db.query<{ id: string }>(
    `SELECT id FROM api_keys WHERE scopes = '{admin}'`,
  )
  const asOnly = { key: only.secret }
  for (const { id } of rows) await call('DELETE', `/v1/api-keys/${id}`, undefined, asOnly)
  expect((await call('GET', '/v1/projects', undefined, { key: keys.admin })).statusCode).toBe(401)

  const revoked = await call('DELETE', `/v1/api-keys/${only.id}`, undefined, asOnly)
  expect(revoked.json()).toMatchObject({ status: 409, code: 'last_admin_key' })
  const removed = await call('DELETE', `/v1/projects/${home}`, undefined, asOnly)
  expect(removed.json()).toMatchObject({ status: 409, code: 'last_admin_key' })
  expect((await call('GET', '/v1/projects', undefined, asOnly)).statusCode).toBe(200)
})
