import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createAuthenticator } from '../../src/api/authenticator.ts'
import type { Limits } from '../../src/contract/tenancy.ts'
import { issueKey } from '../../src/store/keys/api-key-secret.ts'
import type { Store } from '../../src/store/store.ts'

type StoredKey = NonNullable<Awaited<ReturnType<Store['apiKeys']['findWithHash']>>>

const key = issueKey()
const header = `Bearer ${key.secret}`
const stored: StoredKey = {
  id: key.id,
  projectId: 'prj_1',
  name: 'k',
  scopes: ['jobs:read', 'a scope of a later version'],
  secretSha256: key.sha256,
  createdAt: new Date(0),
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  project: { limits: {} },
  replaces: null,
  replacedBy: null,
}

let lookUps = 0
let answer: () => Promise<StoredKey | null>
const touched: string[][] = []
const failures: unknown[] = []
let touch: () => Promise<void>

function create() {
  return createAuthenticator({
    limits: {} as Limits,
    store: {
      apiKeys: {
        findWithHash: () => {
          lookUps += 1
          return answer()
        },
        find: () => Promise.resolve(null),
        list: () => Promise.resolve({ rows: [], hasMore: false }),
      },
      touchApiKeys: (ids) => {
        touched.push([...ids])
        return touch()
      },
    },
    onError: (error) => failures.push(error),
  })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] })
  lookUps = 0
  touched.length = 0
  failures.length = 0
  answer = async () => stored
  touch = async () => {}
})
afterEach(() => {
  vi.useRealTimers()
})

test('a thousand requests in a second cost one look-up, and the next second another', async () => {
  const { authenticate } = create()
  await Promise.all(Array.from({ length: 1_000 }, () => authenticate(header)))
  vi.advanceTimersByTime(999)
  await authenticate(header)
  expect(lookUps).toBe(1)

  vi.advanceTimersByTime(1)
  await authenticate(header)
  expect(lookUps).toBe(2)
})

test('a remembered key still has to be proved', async () => {
  const { authenticate } = create()
  await authenticate(header)
  // Another secret under the same id, with a right checksum.
  const other = { ...stored, secretSha256: issueKey().sha256 }
  answer = async () => other
  vi.advanceTimersByTime(1_000)
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('what does not exist is asked for again', async () => {
  const { authenticate } = create()
  answer = async () => null
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' })
  answer = async () => stored
  expect(await authenticate(header)).toMatchObject({ keyId: key.id })
})

test('a failed look-up is passed on, and not remembered', async () => {
  const { authenticate } = create()
  answer = () => Promise.reject(new Error('database away'))
  await expect(authenticate(header)).rejects.toThrow('database away')
  answer = async () => stored
  expect(await authenticate(header)).toMatchObject({ keyId: key.id })
})

test('a look-up that was under way when a key was revoked is not remembered', async () => {
  const { authenticate, forgetAll } = create()
  let release: (row: StoredKey) => void = () => {}
  answer = () => new Promise((resolve) => (release = resolve))
  const before = authenticate(header)
  forgetAll()
  release(stored)
  await before

  answer = async () => ({ ...stored, revokedAt: new Date() })
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'api_key_revoked' })
})

test('a key expires at its time, also while it is remembered', async () => {
  const { authenticate } = create()
  const expiresAt = new Date(Date.now() + 500)
  answer = async () => ({ ...stored, expiresAt })
  await authenticate(header)
  vi.advanceTimersByTime(499)
  await authenticate(header)
  vi.advanceTimersByTime(1)
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'api_key_expired' })
  expect(lookUps).toBe(1)
})

test('why a key is refused is told to whoever has its secret, and to nobody else', async () => {
  const { authenticate } = create()
  const over = { ...stored, revokedAt: new Date(), replacedBy: 'key_2' }
  answer = async () => over
  await expect(authenticate(header)).rejects.toMatchObject({
    code: 'api_key_revoked',
    message: expect.stringContaining('key_2 has replaced it'),
  })

  answer = async () => ({ ...over, secretSha256: issueKey().sha256 })
  vi.advanceTimersByTime(1_000)
  await expect(authenticate(header)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('nobody who calls waits for a use to be written down', async () => {
  const { authenticate } = create()
  touch = () => new Promise(() => {})
  await authenticate(header)
  vi.advanceTimersByTime(10_000)
  expect(touched).toHaveLength(1)
  expect(await authenticate(header)).toMatchObject({ keyId: key.id })
})

test('a scope that this version does not know gives nothing', async () => {
  expect((await create().authenticate(header)).scopes).toEqual(['jobs:read'])
})

test('uses are written down together, every ten seconds and at the end', async () => {
  const { authenticate, close } = create()
  await authenticate(header)
  await authenticate(header)
  expect(touched).toEqual([])
  vi.advanceTimersByTime(10_000)
  expect(touched).toEqual([[key.id]])
  vi.advanceTimersByTime(10_000)
  expect(touched).toHaveLength(1)

  await authenticate(header)
  touch = () => Promise.reject(new Error('database away'))
  await close()
  expect(touched).toHaveLength(2)
  expect(failures).toHaveLength(1)
  vi.advanceTimersByTime(60_000)
  expect(touched).toHaveLength(2)
})
