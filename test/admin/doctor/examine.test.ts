import { expect, test } from 'vitest'

import { examineDatabase } from '../../../src/admin/doctor/examine-database.ts'
import { judgeDisk, judgeOpenFiles } from '../../../src/admin/doctor/examine-machine.ts'
import { examineRedis } from '../../../src/admin/doctor/examine-redis.ts'
import { examineWorkers } from '../../../src/admin/doctor/examine-workers.ts'
import type { Finding } from '../../../src/admin/doctor/finding.ts'
import type { DatabaseFacts } from '../../../src/store/describe-database.ts'

const sound: DatabaseFacts = {
  version: '18.4',
  versionNumber: 180_004,
  settings: {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    zero_damaged_pages: 'off',
    default_transaction_read_only: 'off',
    server_encoding: 'UTF8',
    max_connections: '100',
  },
  isStandby: false,
  isMigrated: true,
  clockSkewMs: -3,
  largestMemoryBytes: null,
}

const complaints = (findings: Finding[]) =>
  findings.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status])

test('a sound Postgres has no complaint', () => {
  expect(complaints(examineDatabase(sound, 31))).toEqual([])
})

test.each([
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['zero_damaged_pages', 'on'],
  ['default_transaction_read_only', 'on'],
  ['server_encoding', 'SQL_ASCII'],
  ['max_connections', '30'],
])('%s = %s fails, with what to do', (name, value) => {
  const findings = examineDatabase({ ...sound, settings: { ...sound.settings, [name]: value } }, 31)

  expect(complaints(findings)).toEqual([[name, 'failed']])
  const finding = findings.find((one) => one.name === name)
  expect(finding?.found).toContain(value)
  expect(finding?.advice).toMatch(/^(Expected|Raise) /)
})

test('a standby and a Postgres that is too old fail', () => {
  const old = { ...sound, versionNumber: 130_009, isStandby: true }

  expect(complaints(examineDatabase(old, 31))).toEqual([
    ['postgres', 'failed'],
    ['standby', 'failed'],
  ])
})

test('clocks that differ and a schema that is still to be made are worth a warning', () => {
  expect(
    complaints(examineDatabase({ ...sound, clockSkewMs: 1_500, isMigrated: false }, 31)),
  ).toEqual([
    ['schema', 'warning'],
    ['database clock', 'warning'],
  ])
})

test('a Redis that may remove messages fails; one that forgets them in a restart does not', () => {
  const redis = { version: '8.0.0', evictionPolicy: 'noeviction', hasAppendOnlyFile: true }

  expect(complaints(examineRedis(redis))).toEqual([])
  expect(complaints(examineRedis({ ...redis, evictionPolicy: 'allkeys-lru' }))).toEqual([
    ['maxmemory-policy', 'failed'],
  ])
  expect(complaints(examineRedis({ ...redis, hasAppendOnlyFile: false }))).toEqual([
    ['appendonly', 'warning'],
  ])
})

test.each([
  [1e9, 'failed'],
  [3e9, 'warning'],
  [20e9, 'ok'],
])('%d bytes of free disk: %s', (bytes, status) => {
  expect(judgeDisk(bytes, '/data').status).toBe(status)
})

test.each([
  ['256', 'failed'],
  ['', 'failed'],
  ['1024', 'warning'],
  ['65536', 'ok'],
  ['unlimited', 'ok'],
])('%j open files: %s', (limit, status) => {
  expect(judgeOpenFiles(limit).status).toBe(status)
})

test('jobs that the API accepts and no worker could hold are worth a warning, with both numbers', () => {
  expect(examineWorkers(null, 100)).toEqual([])
  expect(complaints(examineWorkers(100, 100))).toEqual([])

  const [finding] = examineWorkers(100, 101)
  expect(finding).toMatchObject({ status: 'warning', found: 'the largest may plan with 100 bytes' })
  expect(finding.advice).toContain('up to 101 bytes')
  expect(finding.advice).toContain('LIMIT_JOB_BYTES=100')
})
