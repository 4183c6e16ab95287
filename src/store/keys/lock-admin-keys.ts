/**
 * @file The admin keys that count when one of them is to go. One that was rotated works a while longer
 * and does not count: whoever relied on it would be locked out when its overlap ends.
 */
import type { Queryable } from '../transaction.ts'

export interface AdminKey {
  readonly id: string
  readonly project_id: string | null
}

const counts = `'admin' = ANY(scopes) AND revoked_at IS NULL AND replaced_by IS NULL
  AND (expires_at IS NULL OR expires_at > now())`

/**
 * Until the end of the transaction nobody else takes one of them away. Whoever locks keys takes them in
 * the order of their ids, or two could wait for each other. A statement sees what had committed when it
 * began, and a rotation that it waited for has made another key: so they are read by a second one.
 */
export async function lockAdminKeys(transaction: Queryable): Promise<readonly AdminKey[]> {
  await transaction.query(`SELECT 1 FROM api_keys WHERE ${counts} ORDER BY id FOR UPDATE`)
  const { rows } = await transaction.query<AdminKey>(
    `SELECT id, project_id FROM api_keys WHERE ${counts}`,
  )
  return rows
}
