/**
 * @file Settings of the Prisma CLI, a tool of development and tests. The service does not read them:
 * it applies prisma/migrations itself (src/store/migrate.ts).
 */
import { defineConfig } from 'prisma/config'

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Left out where it is unset: generate, validate and diff between files need no database.
  ...(url ? { datasource: { url } } : {}),
})
