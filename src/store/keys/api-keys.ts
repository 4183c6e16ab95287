/** @file API keys: made, looked up, revoked. The secret itself passes through and is not kept. */
import { AppError } from '../../contract/errors.ts'
import type { Scope } from '../../contract/tenancy.ts'
import type { ApiKey, Project } from '../generated/client.ts'
import { type ListOptions, type ListPage, listPage } from '../list-page.ts'
import type { PrismaClient } from '../prisma.ts'
import type { Queryable } from '../transaction.ts'
import type { IssuedKey } from './api-key-secret.ts'
import { lockAdminKeys } from './lock-admin-keys.ts'

export type ApiKeyRow = Omit<ApiKey, 'secretSha256'>

export type StoredKey = ApiKey & { readonly project: Pick<Project, 'limits'> | null }

export interface NewApiKey {
  readonly key: IssuedKey
  readonly projectId: string | null
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt: Date | null
  /** The id of the key that it takes the place of. */
  readonly replaces?: string | null
}

/** Returns null when the key was there already, as a key from the settings is, and leaves that alone. */
export async function insertApiKey(db: Queryable, newKey: NewApiKey): Promise<ApiKeyRow | null> {
  const { key, projectId, name, scopes, expiresAt, replaces = null } = newKey
  const { rows } = await db.query<{ createdAt: Date }>(
    `INSERT INTO api_keys (id, project_id, name, scopes, secret_sha256, expires_at, replaces)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
    RETURNING created_at AS "createdAt"`,
    [key.id, projectId, name, scopes, Buffer.from(key.sha256), expiresAt, replaces],
  )
  const [made] = rows
  if (!made) return null
  const { id } = key
  return {
    id,
    projectId,
    name,
    scopes: [...scopes],
    expiresAt,
    ...made,
    lastUsedAt: null,
    revokedAt: null,
    replaces,
    replacedBy: null,
  }
}

/** To be run in a transaction. Errors: `api_key_not_found`, `last_admin_key`. */
export async function revokeApiKey(transaction: Queryable, id: string): Promise<void> {
  const adminKeys = await lockAdminKeys(transaction)
  if (adminKeys.length === 1 && adminKeys[0]?.id === id) {
    throw new AppError(
      'last_admin_key',
      `${id} is the only admin key that still works, but for those that were rotated.`,
    )
  }
  const { rowCount } = await transaction.query(
    'UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1',
    [id],
  )
  if (rowCount === 0) throw new AppError('api_key_not_found', `There is no API key ${id}.`)
}

/** A key that is used all day is written once a minute, however many processes are asked with it. */
const touchAgainSeconds = 60

/**
 * Records that keys were used, for many at once. Nobody waits for this, nor it for anybody: a revocation
 * that holds the admin keys may want another that was locked here. What is locked is written at its next use.
 */
export async function touchApiKeys(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(
    `WITH used AS (
      SELECT id FROM api_keys WHERE id = ANY($1::text[])
        AND (last_used_at IS NULL OR last_used_at <= now() - make_interval(secs => $2))
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE api_keys SET last_used_at = now() FROM used WHERE api_keys.id = used.id`,
    [ids, touchAgainSeconds],
  )
}

export function createApiKeyReader(prisma: PrismaClient) {
  return {
    /** With the hash and the project's limits, for authentication. */
    findWithHash(id: string): Promise<StoredKey | null> {
      return prisma.apiKey.findUnique({
        where: { id },
        include: { project: { select: { limits: true } } },
      })
    },

    find(id: string): Promise<ApiKeyRow | null> {
      return prisma.apiKey.findUnique({ where: { id }, omit: { secretSha256: true } })
    },

    list(projectId: string | undefined, options: ListOptions): Promise<ListPage<ApiKeyRow>> {
      return listPage(options, (page) =>
        prisma.apiKey.findMany({
          ...page,
          where: { ...page.where, projectId },
          omit: { secretSha256: true },
        }),
      )
    },
  }
}
