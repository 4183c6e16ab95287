/** @file An API key's row as clients see it: everything but what proves it. */
import { type ApiKey, isScope } from '../../contract/tenancy.ts'
import type { ApiKeyRow } from '../../store/keys/api-keys.ts'

export function presentApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    object: 'api_key',
    name: row.name,
    project: row.projectId,
    scopes: row.scopes.filter(isScope),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    replaces: row.replaces,
    replaced_by: row.replacedBy,
  }
}
