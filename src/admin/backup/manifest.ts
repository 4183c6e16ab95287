/**
 * @file What a backup says of itself: before the rows what they are, after them what they were.
 *
 *   backup.json             what it was made from, and its tables
 *   tables/<table>/<part>   rows, in the binary form of Postgres's COPY, a table in parts of 4 MiB
 *   …
 *   end.json                how many rows there were, and where the sequences stood
 *   sha256                  of all that stands before; a file without it was cut short
 */
import { z } from 'zod'

export const firstEntry = 'backup.json'
export const endEntry = 'end.json'
export const hashEntry = 'sha256'

export function partName(table: string, part: number): string {
  return `tables/${table}/${String(part).padStart(8, '0')}`
}

/** The table whose part an entry is. */
export function tableOf(entry: string): string | undefined {
  return /^tables\/(.+)\/\d{8}$/.exec(entry)?.[1]
}

/** Of the layout above. A program reads its own version alone. */
export const formatVersion = 1

export const BackupHeader = z.strictObject({
  format: z.literal('trainyard backup'),
  version: z.literal(formatVersion),
  created_at: z.iso.datetime(),
  trainyard_version: z.string(),
  postgres_version: z.string(),
  /** The version of the schema. */
  migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string() })),
  /** In an order in which they can be filled. */
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()) })),
})
export type BackupHeader = z.infer<typeof BackupHeader>

export const BackupEnd = z.strictObject({
  tables: z.array(z.strictObject({ name: z.string(), rows: z.int() })),
  sequences: z.array(z.strictObject({ name: z.string(), lastValue: z.string().nullable() })),
})
export type BackupEnd = z.infer<typeof BackupEnd>
