/** @file What a Postgres is and how it is set, for whoever looks after it. It changes nothing. */
import { connectAdminClient } from './admin-client.ts'
import { isMigrated } from './is-migrated.ts'
import type { Queryable } from './transaction.ts'
import { largestMemorySql } from './workers.ts'

export interface DatabaseFacts {
  /** As in `18.4`. */
  readonly version: string
  /** As in 180004. */
  readonly versionNumber: number
  /** Values as Postgres shows them, by name. */
  readonly settings: Readonly<Record<SettingName, string>>
  readonly isStandby: boolean
  readonly isMigrated: boolean
  /** Its clock less ours. Right to half of what the answer took. */
  readonly clockSkewMs: number
  /** What the jobs of the largest worker may plan with; null where none is at work. */
  readonly largestMemoryBytes: number | null
}

const settingNames = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'zero_damaged_pages',
  'default_transaction_read_only',
  'server_encoding',
  'max_connections',
] as const
export type SettingName = (typeof settingNames)[number]

async function readLargestMemory(db: Queryable): Promise<number | null> {
  const { rows: tables } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('workers') IS NOT NULL AS there`,
  )
  // An older schema, which the service brings up to date when it starts.
  if (!tables[0]?.there) return null
  const { rows } = await db.query<{ bytes: string | null }>(`SELECT (${largestMemorySql}) AS bytes`)
  const bytes = rows[0]?.bytes ?? null
  return bytes === null ? null : Number(bytes)
}

export async function describeDatabase(connectionString: string): Promise<DatabaseFacts> {
  const client = await connectAdminClient(connectionString)
  try {
    const { rows } = await client.query<{
      version: string
      versionNumber: number
      settings: Record<SettingName, string>
      isStandby: boolean
    }>(
      `SELECT current_setting('server_version') AS version,
        current_setting('server_version_num')::int AS "versionNumber",
        pg_is_in_recovery() AS "isStandby",
        (SELECT jsonb_object_agg(name, current_setting(name)) FROM unnest($1::text[]) name) AS settings`,
      [settingNames],
    )
    const askedAtMs = Date.now()
    const clock = await client.query<{ ms: string }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
    )
    const middleMs = (askedAtMs + Date.now()) / 2
    return {
      ...rows[0],
      isMigrated: await isMigrated(client),
      largestMemoryBytes: await readLargestMemory(client),
      clockSkewMs: Number(clock.rows[0].ms) - middleMs,
    }
  } finally {
    await client.end()
  }
}
