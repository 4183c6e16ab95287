import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { migrate } from '../../src/store/migrate.ts'
import { type TestDatabase, testDatabase } from '../support/services.ts'

const log = { info: () => {} }
let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await testDatabase({ isEmpty: true })
  folder = mkdtempSync(join(tmpdir(), 'trainyard-migrations-'))
  write('1_people', 'CREATE TABLE people (id int PRIMARY KEY);')
  write('2_names', 'ALTER TABLE people ADD COLUMN name text; INSERT INTO people VALUES (1, $$a$$);')
})

afterEach(async () => {
  await database.dispose()
  rmSync(folder, { recursive: true })
})

function write(name: string, sql: string) {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

const run = () => migrate({ connectionString: database.url, folder, log })

async function query(sql: string) {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('applies what is missing, in the order of names, and then nothing', async () => {
  expect(await run()).toEqual(['1_people', '2_names'])
  expect(await run()).toEqual([])

  write('3_more', 'INSERT INTO people VALUES (2, $$b$$);')
  expect(await run()).toEqual(['3_more'])
  expect(await query('SELECT name FROM people ORDER BY id')).toEqual([{ name: 'a' }, { name: 'b' }])
})

test('several programs at once apply each migration once', async () => {
  const applied = await Promise.all([run(), run(), run(), run()])

  expect(applied.flat()).toEqual(['1_people', '2_names'])
})

test('a migration that fails leaves nothing, is named, and can be applied once mended', async () => {
  write('3_broken', 'CREATE TABLE half (id int); SELECT no_such_function();')

  await expect(run()).rejects.toThrow(/Migration 3_broken failed, and nothing of it was kept/)
  expect(await query(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }])

  write('3_broken', 'CREATE TABLE half (id int);')
  expect(await run()).toEqual(['3_broken'])
})

test('a migration that was changed after it was applied is refused', async () => {
  await run()
  write('2_names', 'ALTER TABLE people ADD COLUMN name varchar;')

  await expect(run()).rejects.toThrow(/Migration 2_names was changed after it was applied/)
})

test('a database of a newer version is refused', async () => {
  write('3_future', 'SELECT 1;')
  await run()
  rmSync(join(folder, '3_future'), { recursive: true })

  await expect(run()).rejects.toThrow(/3_future, which this version does not know: a newer version/)
})

test('a migration that the Prisma CLI left half-done is refused with what to do', async () => {
  await run()
  await query(`INSERT INTO "_prisma_migrations" (id, checksum, migration_name, logs)
               VALUES ('x', 'y', '3_half', 'out of disk')`)

  await expect(run()).rejects.toThrow(/3_half was begun and did not finish: out of disk.*resolve/)

  await query(`UPDATE "_prisma_migrations" SET rolled_back_at = now() WHERE id = 'x'`)
  expect(await run()).toEqual([])
})

test('the Prisma CLI agrees: nothing is pending, and the tables are those of schema.prisma', async () => {
  const migrated = await testDatabase()
  const prisma = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/prisma.mjs', 'migrate', ...args], {
      env: { ...process.env, DATABASE_URL: migrated.url },
      encoding: 'utf8',
    })

  expect(prisma('status').stdout).toContain('Database schema is up to date!')
  const schema = ['--to-schema', 'prisma/schema.prisma']
  expect(prisma('diff', '--from-config-datasource', ...schema, '--script').stdout.trim()).toBe(
    '-- This is an empty migration.',
  )
  await migrated.dispose()
})
