/** @file The Postgres of the settings: the embedded one, started or adopted, or that of DATABASE_URL. */
import { fileURLToPath } from 'node:url'

import type { Config } from './config.ts'
import { startEmbeddedPostgres } from './embedded/postgres.ts'
import type { Logger, StopStack } from './start-all.ts'

export interface StartedDatabase {
  readonly databaseUrl: string
  /** null where DATABASE_URL names a Postgres of its own. */
  readonly dataFolder: string | null
}

export const migrationsFolder = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export async function startDatabase(
  config: Config,
  log: Logger,
  stops: StopStack,
): Promise<StartedDatabase> {
  if (config.databaseUrl !== null) return { databaseUrl: config.databaseUrl, dataFolder: null }
  const embedded = await startEmbeddedPostgres({ dataFolder: config.dataFolder, log })
  stops.push(() => embedded.stop())
  return { databaseUrl: embedded.url, dataFolder: embedded.dataFolder }
}
