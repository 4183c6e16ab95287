/**
 * @file Where processes are made to crash: a Postgres and perhaps a Redis that live on, and programs on
 * them, each with a name of its own in Postgres, so that its writes can be told from others'.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'

import { startEmbeddedPostgres } from '../../../src/embedded/postgres.ts'
import { type Client, createClient } from '../../e2e/support/client.ts'
import { type Program, type Settings, startProgram } from '../../e2e/support/program.ts'
import { testRedis } from '../../support/redis.ts'
import { watchWrites } from '../invariants.ts'
import type { RowOptions } from './row.ts'

export interface Yard {
  readonly databaseUrl: string
  readonly database: pg.Client
  /** A program of its own name; its database may be reached in another way. */
  start(settings: Settings, databaseUrl?: string): Promise<Program>
  clientOf(program: Program): Client
  dispose(): Promise<void>
}

export const yardKey = 'a-key-for-crashes-that-may-do-everything'
export const leaseSeconds = 10

export async function aYard({ shape }: Pick<RowOptions, 'shape'>): Promise<Yard> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'trainyard-chaos-'))
  chmodSync(dataFolder, 0o755) // else, as root, the data would go to the system folder
  const log = { info() {}, warn: console.warn }
  // Processes die here, never the machine: what they have written stays without fsync too.
  const postgres = await startEmbeddedPostgres({ dataFolder, log, isDurable: false })
  const redis = shape === 'redis' ? await testRedis() : null
  const programs = new Set<Program>()
  const database = new pg.Client({ connectionString: postgres.url, application_name: 'chaos' })
  await database.connect()

  async function start(settings: Settings, through = postgres.url): Promise<Program> {
    const url = new URL(through)
    url.searchParams.set('application_name', `${settings.ROLE} ${randomUUID()}`)
    const program = await startProgram({
      THREADS: '1',
      API_THREADS: '1',
      LEASE_SECONDS: String(leaseSeconds),
      CHECKPOINT_SECONDS: '0.1',
      LOG_LEVEL: 'info',
      TRAINYARD_ADMIN_KEY: yardKey,
      DATABASE_URL: url.href,
      ...(redis && { REDIS_URL: redis.url }),
      ...settings,
    })
    programs.add(program)
    program.ended.then(() => programs.delete(program))
    return program
  }

  return {
    databaseUrl: postgres.url,
    database,
    start,
    clientOf: ({ url }) => createClient({ url, key: yardKey }),
    async dispose() {
      await Promise.all([...programs].map((program) => program.end('SIGKILL')))
      await database.end()
      await redis?.dispose()
      await postgres.stop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

/** To be called once a program has migrated the database. */
export const watchYard = ({ database }: Yard) => watchWrites(database)

/** What a program is to be started with to die at a point. */
export function armedWith(point: string): Settings {
  return { NODE_ENV: 'test', TRAINYARD_CRASH_POINT: point }
}
