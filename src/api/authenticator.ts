/**
 * @file From an Authorization header to a caller.
 *
 * A key that was found is remembered for a second, so a busy client costs one look-up a second; a
 * key revoked or rotated in this process is forgotten at once, in another within that second; its end
 * is looked at on every request, and so is the secret, by its hash. The limits of its project come with it.
 */
import { AppError } from '../contract/errors.ts'
import { isScope, type Limits, type ProjectLimits } from '../contract/tenancy.ts'
import { fromJson } from '../store/json.ts'
import { keyIdOf, matches } from '../store/keys/api-key-secret.ts'
import type { Store } from '../store/store.ts'
import type { Caller } from './caller.ts'

export interface AuthenticatorOptions {
  readonly store: Pick<Store, 'apiKeys' | 'touchApiKeys'>
  /** Of projects that have none of their own. */
  readonly limits: Limits
  readonly onError: (error: unknown) => void
}

export interface Authenticator {
  /**
   * Errors: `unauthorized`, saying what is wrong with the header but not what with the key;
   * `api_key_revoked` and `api_key_expired`, once the secret has proved whose key it is.
   */
  authenticate(authorization: string | undefined): Promise<Caller>
  /** After a revocation or rotation, or when a project changed or went with its keys. */
  forgetAll(): void
  /** Writes down which keys were used. */
  close(): Promise<void>
}

type StoredKey = NonNullable<Awaited<ReturnType<Store['apiKeys']['findWithHash']>>>

interface Remembered {
  readonly key: Promise<StoredKey | null>
  readonly until: number
}

const rememberedMs = 1_000
const maxRemembered = 10_000
const touchEveryMs = 10_000

export function createAuthenticator({
  store,
  limits,
  onError,
}: AuthenticatorOptions): Authenticator {
  const remembered = new Map<string, Remembered>()
  const used = new Set<string>()

  function find(id: string): Promise<StoredKey | null> {
    const now = performance.now()
    const known = remembered.get(id)
    if (known && known.until > now) return known.key
    if (remembered.size >= maxRemembered) remembered.clear()
    const entry = { key: store.apiKeys.findWithHash(id), until: now + rememberedMs }
    remembered.set(id, entry)
    const forget = () => {
      if (remembered.get(id) === entry) remembered.delete(id)
    }
    // Only what exists is worth remembering: a key made in another process works at once.
    entry.key.then((key) => key ?? forget(), forget)
    return entry.key
  }

  async function touch(): Promise<void> {
    if (used.size === 0) return
    const ids = [...used]
    used.clear()
    await store.touchApiKeys(ids).catch(onError)
  }
  const timer = setInterval(touch, touchEveryMs)
  timer.unref()

  return {
    async authenticate(authorization) {
      const secret = secretIn(authorization)
      const id = keyIdOf(secret)
      const key = id === null ? null : await find(id)
      if (!key || !matches(secret, key.secretSha256)) {
        throw unauthorized('This API key is not known.')
      }
      requireInForce(key)
      used.add(key.id)
      return {
        keyId: key.id,
        projectId: key.projectId,
        scopes: key.scopes.filter(isScope),
        limits: key.project
          ? { ...limits, ...fromJson<ProjectLimits>(key.project.limits) }
          : limits,
      }
    },

    forgetAll: () => remembered.clear(),

    async close() {
      clearInterval(timer)
      await touch()
    },
  }
}

function secretIn(authorization: string | undefined): string {
  if (authorization === undefined) throw unauthorized('The request has no Authorization header.')
  const [, secret] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  if (!secret) throw unauthorized('Expected "Authorization: Bearer" and an API key after it.')
  return secret
}

function requireInForce({ id, revokedAt, expiresAt, replacedBy }: StoredKey): void {
  const instead = replacedBy === null ? '' : ` ${replacedBy} has replaced it.`
  if (revokedAt !== null) {
    const detail = `The key ${id} was revoked at ${revokedAt.toISOString()}.${instead}`
    throw new AppError('api_key_revoked', detail)
  }
  if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
    const detail = `The key ${id} expired at ${expiresAt.toISOString()}.${instead}`
    throw new AppError('api_key_expired', detail)
  }
}

function unauthorized(detail: string): AppError {
  return new AppError('unauthorized', detail)
}
