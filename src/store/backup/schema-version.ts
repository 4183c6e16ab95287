/**
 * @file The version of a schema: the migrations that made it, in their order. Two databases with the
 * same ones have the same tables, and rows of one fit into the other.
 */
import type { Queryable } from '../transaction.ts'

export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
}

/** Empty where there is no schema yet. */
export async function readSchemaVersion(db: Queryable): Promise<AppliedMigration[]> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  )
  if (!rows[0]?.there) return []
  const applied = await db.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
    ORDER BY migration_name`,
  )
  return applied.rows
}
