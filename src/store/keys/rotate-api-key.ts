/**
 * @file A key gets a new secret: another key with its name, scopes and project takes its place, and the
 * old one works for an overlap, in which the new secret is brought to where it is needed.
 *
 *                 rotate                     the overlap ends
 *   works ─────────────────────▶ works too ───────────────────▶ expired
 *     │  replaced_by, expires_at                overlap 0: revoked at once
 *     └──▶ revoked, expired: cannot be rotated, nor can one that was rotated already
 */
import { AppError } from '../../contract/errors.ts'
import { isScope } from '../../contract/tenancy.ts'
import { lockProject } from '../lock-project.ts'
import type { Queryable } from '../transaction.ts'
import type { IssuedKey } from './api-key-secret.ts'
import { type ApiKeyRow, insertApiKey } from './api-keys.ts'

export interface Rotation {
  readonly key: IssuedKey
  readonly overlapSeconds: number
  /** Of the new key; undefined gives it as long a life as the old one was made for. */
  readonly expiresAt: Date | undefined
}

interface OldKey {
  readonly project_id: string | null
  readonly name: string
  readonly scopes: readonly string[]
  readonly replaced_by: string | null
  readonly is_revoked: boolean
  readonly is_expired: boolean
  readonly renewed_until: Date | null
}

/** JSON has four digits for a year. */
const lastTime = `'9999-12-31T23:59:59Z'::timestamptz`

const readOldKeySql = `
SELECT project_id, name, scopes, replaced_by, revoked_at IS NOT NULL AS is_revoked,
  coalesce(expires_at <= clock_timestamp(), false) AS is_expired,
  CASE WHEN expires_at IS NOT NULL THEN
    least(${lastTime}, now() + (expires_at - created_at)) END AS renewed_until
FROM api_keys WHERE id = $1`

/** To be run in a transaction. Errors: `api_key_not_found`, `api_key_not_rotatable`. */
export async function rotateApiKey(
  transaction: Queryable,
  id: string,
  { key, overlapSeconds, expiresAt }: Rotation,
): Promise<ApiKeyRow> {
  const old = await lockOldKey(transaction, id)
  const why = whyNot(old)
  if (why) throw new AppError('api_key_not_rotatable', `The key ${id} ${why}`)

  const row = await insertApiKey(transaction, {
    key,
    projectId: old.project_id,
    name: old.name,
    scopes: old.scopes.filter(isScope),
    expiresAt: expiresAt ?? old.renewed_until,
    replaces: id,
  })
  if (!row) throw new Error(`The id ${key.id} of a new API key is taken.`)
  await transaction.query(
    `UPDATE api_keys SET replaced_by = $2,
      expires_at = least(expires_at, now() + make_interval(secs => $3)),
      revoked_at = CASE WHEN $3 = 0 THEN now() END
    WHERE id = $1`,
    [id, key.id, overlapSeconds],
  )
  return row
}

/**
 * Of two rotations at once the second waits here, and sees the first. Whoever removes a project locks
 * the admin keys, then the project, then its other keys: in this order here too.
 */
async function lockOldKey(transaction: Queryable, id: string): Promise<OldKey> {
  const { rows } = await transaction.query<OldKey>(readOldKeySql, [id])
  const [found] = rows
  if (!found) throw noSuchKey(id)
  const lock = () => transaction.query<OldKey>(`${readOldKeySql} FOR UPDATE`, [id])
  if (found.scopes.includes('admin')) await lock()
  if (found.project_id !== null) await lockProject(transaction, found.project_id)
  const [old] = (await lock()).rows
  if (!old) throw noSuchKey(id)
  return old
}

function noSuchKey(id: string): AppError {
  return new AppError('api_key_not_found', `There is no API key ${id}.`)
}

function whyNot({ replaced_by, is_revoked, is_expired }: OldKey): string | undefined {
  if (replaced_by !== null) return `was rotated already; rotate ${replaced_by}, which replaced it.`
  if (is_revoked) return 'is revoked. Make a new one.'
  return is_expired ? 'has expired. Make a new one.' : undefined
}
