/** @file What a new API key may be: scopes that make sense together, a project for them, a future. */
import { AppError } from '../contract/errors.ts'
import { type CreateApiKey, projectScopes, type Scope } from '../contract/tenancy.ts'
import type { IssuedKey } from '../store/keys/api-key-secret.ts'
import { type ApiKeyRow, insertApiKey } from '../store/keys/api-keys.ts'
import { lockProject } from '../store/lock-project.ts'
import type { Queryable } from '../store/transaction.ts'

/** Errors: `invalid_request`, `project_not_found`. */
export async function makeApiKey(
  transaction: Queryable,
  key: IssuedKey,
  { name, project, scopes, ...lifetime }: CreateApiKey,
): Promise<ApiKeyRow> {
  const wanted = [...new Set<Scope>(scopes ?? projectScopes)]
  requireProject(project, wanted)
  const expiresAt = endOf(lifetime) ?? null
  if (project !== undefined) await lockProject(transaction, project)

  const newKey = { key, projectId: project ?? null, name, scopes: wanted, expiresAt }
  const row = await insertApiKey(transaction, newKey)
  if (!row) throw new Error(`The id ${key.id} of a new API key is taken.`)
  return row
}

function requireProject(project: string | undefined, scopes: readonly Scope[]): void {
  const needy = scopes.find((scope) => scope !== 'admin')
  if (project !== undefined || needy === undefined) return
  const detail = `expected a project, which the scope ${needy} acts for; only admin does without`
  throw refusal('/project', 'required', detail)
}

/** Undefined where no end was given. Errors: `invalid_request`. */
export function endOf({
  expires_at,
  ttl_seconds,
}: Pick<CreateApiKey, 'expires_at' | 'ttl_seconds'>): Date | undefined {
  if (expires_at !== undefined && ttl_seconds !== undefined) {
    throw refusal(
      '/ttl_seconds',
      'conflict',
      'expected one of expires_at and ttl_seconds, got both',
    )
  }
  if (ttl_seconds !== undefined) return new Date(Date.now() + ttl_seconds * 1000)
  return expires_at === undefined ? undefined : futureTime(expires_at)
}

function futureTime(text: string): Date {
  const time = new Date(text)
  if (time.getTime() > Date.now()) return time
  throw refusal('/expires_at', 'too_small', `expected a time to come, got ${text}`)
}

function refusal(pointer: string, code: string, detail: string): AppError {
  return new AppError('invalid_request', `${pointer}: ${detail}.`, {
    errors: [{ pointer, code, detail }],
  })
}
