/**
 * @file Every table of the schema, as the database itself names them, so that a new one is never
 * forgotten. Prisma's list of migrations is not among them: it says what the schema is, not what is in it.
 */

import { inDependencyOrder } from './dependency-order.ts'
import type { Queryable } from './transaction.ts'

export interface Table {
  readonly name: string
  /** Those that are stored; Postgres computes the others itself. */
  readonly columns: readonly string[]
}

const readTablesSql = `
SELECT class.relname AS name,
  ARRAY(
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
  ) AS columns,
  ARRAY(
    SELECT DISTINCT target.relname::text
    FROM pg_constraint JOIN pg_class target ON target.oid = confrelid
    WHERE conrelid = class.oid AND contype = 'f'
  ) AS "refersTo"
FROM pg_class class JOIN pg_namespace space ON space.oid = relnamespace
WHERE space.nspname = current_schema() AND relkind = 'r' AND relname <> '_prisma_migrations'
ORDER BY relname`

/** In an order in which rows may be written: a table after those that its foreign keys name. */
export async function readTables(db: Queryable): Promise<Table[]> {
  const { rows } = await db.query<Table & { refersTo: string[] }>(readTablesSql)
  return inDependencyOrder(rows).map(({ name, columns }) => ({ name, columns }))
}

/** As it stands in a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quotedColumns({ columns }: Table): string {
  return columns.map(quoted).join(', ')
}
