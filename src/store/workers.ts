/**
 * @file What the workers have, as each of them says every two seconds: who they are, the memory that their
 * jobs may plan with, and how much of it is free. A hint for those who wait: no claim ever reads it.
 */
import type { Queryable } from './transaction.ts'

export interface WorkerReport {
  /** Of this process since its start: another with its name is another worker. */
  readonly id: string
  /** As its runs have it. */
  readonly name: string
  readonly memoryBytes: number
  readonly freeBytes: number
}

export async function reportWorker(db: Queryable, report: WorkerReport): Promise<void> {
  await db.query({
    name: 'report-worker',
    text: `INSERT INTO workers (id, name, memory_bytes, free_bytes) VALUES ($1, $2, $3, $4)
      ON CONFLICT (id) DO UPDATE SET free_bytes = $4, seen_at = clock_timestamp()`,
    values: [report.id, report.name, Math.floor(report.memoryBytes), Math.floor(report.freeBytes)],
  })
}

/** Of one that stops. */
export async function forgetWorker(db: Queryable, id: string): Promise<void> {
  await db.query('DELETE FROM workers WHERE id = $1', [id])
}

/** Those that were not seen for a minute: under load one may be late, and comes back by itself. */
export async function removeGoneWorkers(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM workers WHERE seen_at < clock_timestamp() - interval '1 minute'`)
}

/** The most that the jobs of a worker may plan with; null while no worker is known. */
export const largestMemorySql = `
  SELECT max(memory_bytes) FROM workers WHERE seen_at > clock_timestamp() - interval '1 minute'`
