/**
 * @file API keys as text: `ty_<key id>_<secret><checksum>`.
 *
 * The id finds the row; 32 random bytes are the secret; the checksum tells a typo from a wrong key
 * without asking the database. Only the SHA-256 of the whole is kept. A key that an administrator
 * brings along (TRAINYARD_ADMIN_KEY) may be any long text; its id follows from its hash.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

import { newId } from '../../contract/ids.ts'

export interface IssuedKey {
  readonly id: string
  readonly secret: string
  readonly sha256: Uint8Array<ArrayBuffer>
}

const issuedPattern = /^ty_([0-9a-f]{32})_([A-Za-z0-9_-]{43})([0-9a-f]{8})$/

export function issueKey(): IssuedKey {
  const id = newId('apiKey')
  const body = `ty_${id.slice('key_'.length)}_${randomBytes(32).toString('base64url')}`
  const secret = body + checksumOf(body)
  return { id, secret, sha256: sha256Of(secret) }
}

/** The id under which a key would be stored, or null for text that cannot be a key. */
export function keyIdOf(secret: string): string | null {
  if (secret.length < 32 || secret.length > 500) return null
  const parts = issuedPattern.exec(secret)
  // Any other text may have been brought along, also one that begins like ours.
  if (!parts) return `key_${Buffer.from(sha256Of(secret)).toString('hex').slice(0, 32)}`
  return checksumOf(secret.slice(0, -8)) === parts[3] ? `key_${parts[1]}` : null
}

/** A key that was not issued here, or by another installation. Throws where a character of it is wrong. */
export function broughtKey(secret: string): IssuedKey {
  const id = keyIdOf(secret)
  if (id === null) {
    throw new Error(
      'TRAINYARD_ADMIN_KEY: expected a text of 32 to 500 characters, or a key that Trainyard has made, got one whose checksum is wrong. Copy it again.',
    )
  }
  return { id, secret, sha256: sha256Of(secret) }
}

export function matches(secret: string, sha256: Uint8Array): boolean {
  const given = sha256Of(secret)
  return given.length === sha256.length && timingSafeEqual(given, sha256)
}

function sha256Of(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

function checksumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 8)
}
