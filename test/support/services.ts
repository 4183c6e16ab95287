/**
 * @file Real databases and queues for integration tests: what `global-services.ts` started, in portions
 * that a test has for itself.
 */
import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { describe, inject } from 'vitest'

import { isRedisAvailable } from './redis.ts'

export { isRedisAvailable, type TestRedis, testRedis } from './redis.ts'

export interface TestDatabase {
  readonly url: string
  /** Cuts whatever is still connected. */
  dispose(): Promise<void>
}

/** A database of its own, migrated; or empty, for tests of the migrations themselves. */
export async function testDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const template = isEmpty ? 'template0' : inject('templateDatabase')
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = name
  return {
    url: url.href,
    dispose: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

export interface QueueBackend {
  readonly name: 'redis' | 'postgres'
  readonly isAvailable: boolean
}

/** Every promise of the queue holds on both. */
export const queueBackends: readonly QueueBackend[] = [
  { name: 'redis', isAvailable: isRedisAvailable },
  { name: 'postgres', isAvailable: true },
]

/** `describe` once per backend; one that is not here is skipped by name, and `npm test` says so. */
export function describeOnEachQueue(title: string, suite: (backend: QueueBackend) => void): void {
  for (const backend of queueBackends) {
    describe.skipIf(!backend.isAvailable)(`${title} on ${backend.name}`, () => suite(backend))
  }
}
