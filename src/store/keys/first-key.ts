/**
 * @file The first project and the first API key, made when there is none yet.
 *
 * Several processes may start at once: an advisory lock lets one of them make the key, and the
 * others find it. The first key may do everything; narrower ones are made with it.
 */
import type pg from 'pg'

import { newId } from '../../contract/ids.ts'
import { Scope } from '../../contract/tenancy.ts'
import { advisoryLocks } from '../advisory-locks.ts'
import { createProject } from '../projects.ts'
import { inTransaction, type Queryable } from '../transaction.ts'
import { broughtKey, issueKey } from './api-key-secret.ts'
import { insertApiKey } from './api-keys.ts'

/** Returns the new key, to be shown once, or null when there was a key already. */
export function ensureFirstKey(pool: pg.Pool, adminKey: string | null): Promise<string | null> {
  return inTransaction(pool, async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.firstKey])
    if (adminKey !== null) {
      await insertFullKey(transaction, 'from TRAINYARD_ADMIN_KEY', broughtKey(adminKey))
      return null
    }
    const { rows } = await transaction.query('SELECT 1 FROM api_keys LIMIT 1')
    if (rows.length > 0) return null
    const key = issueKey()
    await insertFullKey(transaction, 'first key', key)
    return key.secret
  })
}

/** Another key that may do everything, for whoever lost the first. */
export function createFullKey(pool: pg.Pool): Promise<string> {
  return inTransaction(pool, async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.firstKey])
    const key = issueKey()
    await insertFullKey(transaction, 'made by keys:create', key)
    return key.secret
  })
}

async function insertFullKey(
  transaction: Queryable,
  name: string,
  key: ReturnType<typeof issueKey>,
): Promise<void> {
  const projectId = await ensureProject(transaction)
  await insertApiKey(transaction, {
    key,
    projectId,
    name,
    scopes: Scope.options,
    expiresAt: null,
  })
}

/** The oldest project is the one that first keys belong to. */
async function ensureProject(transaction: Queryable): Promise<string> {
  const { rows } = await transaction.query<{ id: string }>(
    'SELECT id FROM projects ORDER BY id LIMIT 1',
  )
  const [oldest] = rows
  if (oldest) return oldest.id
  const id = newId('project')
  await createProject(transaction, id, 'default')
  return id
}
