/**
 * @file What was collected, or would be: rows and bytes, by kind and project. Totals commit with what they
 * count, so they are exact whoever collects, and whatever crashes.
 */
import type { Queryable } from '../transaction.ts'

export const collectedKinds = ['checkpoints', 'losses', 'events', 'idempotency_keys'] as const
export type CollectedKind = (typeof collectedKinds)[number]

export interface Collected {
  readonly kind: CollectedKind
  /** null for what belongs to the instance. */
  readonly projectId: string | null
  readonly rows: number
  readonly bytes: number
}

/** As SQL counts them: numbers that may be large come as text. */
export interface CountedRow {
  readonly project_id: string | null
  readonly rows: string
  readonly bytes: string
}

export function collectedOf(kind: CollectedKind, counted: readonly CountedRow[]): Collected[] {
  return counted.map(({ project_id, rows, bytes }) => ({
    kind,
    projectId: project_id,
    rows: Number(rows),
    bytes: Number(bytes),
  }))
}

/** To be run in the transaction that has removed them. */
export async function addToTotals(
  transaction: Queryable,
  collected: readonly Collected[],
): Promise<void> {
  if (collected.length === 0) return
  await transaction.query(
    `INSERT INTO collected (kind, rows, bytes)
    SELECT kind, sum(rows), sum(bytes) FROM unnest($1::text[], $2::bigint[], $3::bigint[])
      AS added (kind, rows, bytes) GROUP BY kind ORDER BY kind
    ON CONFLICT (kind) DO UPDATE SET
      rows = collected.rows + excluded.rows, bytes = collected.bytes + excluded.bytes`,
    [
      collected.map(({ kind }) => kind),
      collected.map(({ rows }) => rows),
      collected.map(({ bytes }) => bytes),
    ],
  )
}

export interface Total {
  readonly rows: number
  readonly bytes: number
}

/** Since the database was made, by every process. */
export async function readTotals(db: Queryable): Promise<ReadonlyMap<CollectedKind, Total>> {
  const { rows } = await db.query<{ kind: CollectedKind; rows: string; bytes: string }>(
    'SELECT kind, rows, bytes FROM collected',
  )
  return new Map(
    rows.map(({ kind, rows, bytes }) => [kind, { rows: Number(rows), bytes: Number(bytes) }]),
  )
}
