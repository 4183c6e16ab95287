import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { broughtKey, issueKey, keyIdOf, matches } from '../../../src/store/keys/api-key-secret.ts'
import { revokeApiKey, touchApiKeys } from '../../../src/store/keys/api-keys.ts'
import { type TestStore, testStore } from '../support/seed.ts'

describe('the text of a key', () => {
  test('leads to its id, and matches its own hash alone', () => {
    const key = issueKey()
    const other = issueKey()

    expect(keyIdOf(key.secret)).toBe(key.id)
    expect(matches(key.secret, key.sha256)).toBe(true)
    expect(matches(other.secret, key.sha256)).toBe(false)
  })

  test('is known for a typo without asking the database', () => {
    const { secret } = issueKey()
    const flipped = secret.slice(0, 50) + (secret[50] === 'a' ? 'b' : 'a') + secret.slice(51)

    expect(keyIdOf(flipped)).toBeNull()
    expect(keyIdOf('ty_short')).toBeNull()
    expect(keyIdOf('')).toBeNull()
  })

  test.each([
    ['any long text', 'an-administrator-s-own-long-secret'],
    ['one that begins like ours', 'ty_an-administrator-s-own-long-secret'],
    ['a key of another installation', issueKey().secret],
  ])('may be %s when an administrator brings it', (_, secret) => {
    const key = broughtKey(secret)

    expect(keyIdOf(secret)).toBe(key.id)
    expect(matches(secret, key.sha256)).toBe(true)
  })

  test('is refused with a wrong character when an administrator brings it', () => {
    const { secret } = issueKey()
    const flipped = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0')

    expect(() => broughtKey(flipped)).toThrow('whose checksum is wrong')
  })
})

test('the use of a key is written at most once a minute, by however many processes', async () => {
  const { store, dispose } = await testStore()
  const id = keyIdOf((await store.ensureFirstKey(null))!)!
  const lastUse = async () => (await store.apiKeys.find(id))?.lastUsedAt
  await Promise.all([touchApiKeys(store.db, [id]), touchApiKeys(store.db, [id])])
  const first = await lastUse()
  expect(first).not.toBeNull()
  await touchApiKeys(store.db, [id])
  expect(await lastUse()).toEqual(first)

  await store.db.query(`UPDATE api_keys SET last_used_at = now() - interval '61 seconds'`)
  await touchApiKeys(store.db, [id])
  expect((await lastUse())!.getTime()).toBeGreaterThanOrEqual(first!.getTime())
  await dispose()
})

describe('the first key', () => {
  let fixture: TestStore
  beforeEach(async () => {
    fixture = await testStore()
  })
  afterEach(() => fixture.dispose())

  test('is made once, however many processes start at the same time', async () => {
    const keys = await Promise.all(
      Array.from({ length: 8 }, () => fixture.store.ensureFirstKey(null)),
    )

    expect(keys.filter((key) => key !== null)).toHaveLength(1)
    const { rows } = await fixture.store.projects.list({ limit: 10, order: 'asc' })
    expect(rows).toHaveLength(1)
  })

  test('is not kept as text anywhere in its row', async () => {
    const secret = await fixture.store.ensureFirstKey(null)
    const { rows } = await fixture.store.db.query('SELECT api_keys::text AS row FROM api_keys')

    // What follows the second underscore; the secret may hold some of its own.
    const hidden = secret!.split('_').slice(2).join('_').slice(0, 43)
    expect(hidden).toHaveLength(43)
    expect(rows[0].row).not.toContain(hidden)
  })

  test('from the settings may be one that is there already', async () => {
    const first = await fixture.store.ensureFirstKey(null)

    expect(await fixture.store.ensureFirstKey(first)).toBeNull()
    const { rows } = await fixture.store.db.query('SELECT id FROM api_keys')
    expect(rows).toEqual([{ id: keyIdOf(first!) }])
  })

  test('from the settings is stored once and printed never', async () => {
    const own = 'an-administrator-s-own-long-secret'

    expect(await fixture.store.ensureFirstKey(own)).toBeNull()
    expect(await fixture.store.ensureFirstKey(own)).toBeNull()
    const found = await fixture.store.apiKeys.findWithHash(keyIdOf(own)!)
    expect(matches(own, found!.secretSha256)).toBe(true)
  })

  test('can be followed by another, for whoever lost it', async () => {
    await fixture.store.ensureFirstKey(null)
    const second = await fixture.store.createFullKey()

    const row = await fixture.store.apiKeys.find(keyIdOf(second)!)
    expect(row?.scopes).toContain('admin')
    expect(row?.projectId).not.toBeNull()
  })

  test('cannot be revoked while it is the only admin key', async () => {
    const first = keyIdOf((await fixture.store.ensureFirstKey(null))!)!
    const revoking = fixture.store.transaction((transaction) => revokeApiKey(transaction, first))
    await expect(revoking).rejects.toMatchObject({ code: 'last_admin_key' })

    await fixture.store.createFullKey()
    await fixture.store.transaction((transaction) => revokeApiKey(transaction, first))
    expect((await fixture.store.apiKeys.find(first))?.revokedAt).not.toBeNull()
  })
})
