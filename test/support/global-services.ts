/**
 * @file One real Postgres for the integration tests of a run, with a migrated database to copy from.
 * It is the embedded one, without fsync, in a temporary folder.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a superuser; the path is any database. */
    readonly postgresUrl: string
    readonly templateDatabase: string
  }
}

const templateDatabase = 'migrated'
const migrations = 'prisma/migrations'

export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const log = { info: () => {}, warn: console.warn }
  const dataFolder = mkdtempSync(join(tmpdir(), 'trainyard-test-'))
  chmodSync(dataFolder, 0o755) // else, as root, the data would go to the system folder
  const postgres = await startEmbeddedPostgres({ dataFolder, log, isDurable: false })
  const stop = async () => {
    await postgres.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }

  try {
    await createDatabase(postgres.url)
    const template = new URL(postgres.url)
    template.pathname = templateDatabase
    if (existsSync(migrations)) {
      await migrate({ connectionString: template.href, folder: migrations, log })
    }
    project.provide('postgresUrl', postgres.url)
    project.provide('templateDatabase', templateDatabase)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE DATABASE ${templateDatabase}`)
  await client.end()
}
