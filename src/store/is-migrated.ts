/** @file Whether the schema is there, and whole. */
import type { Queryable } from './transaction.ts'

/** False before the first migration, and while one is begun and not finished. */
export async function isMigrated(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  )
  if (!rows[0]?.there) return false
  const counts = await db.query<{ finished: number; open: number }>(
    `SELECT count(finished_at)::int AS finished,
      count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL)::int AS open
    FROM _prisma_migrations`,
  )
  const [{ finished, open }] = counts.rows
  return finished > 0 && open === 0
}
