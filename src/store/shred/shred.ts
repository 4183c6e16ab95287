/** @file What was deleted leaves the files of the database: its tables first, then its log. */
import { connectAdminClient } from '../admin-client.ts'
import { type OverwrittenLog, overwriteLog } from './overwrite-log.ts'
import { type Rewritten, rewriteTables } from './rewrite-tables.ts'
import { type OldReader, waitForReaders } from './wait-for-readers.ts'

export interface Shredder {
  waitForReaders(withinMs: number): Promise<OldReader[]>
  rewriteTables(): Promise<Rewritten>
  overwriteLog(): Promise<OverwrittenLog>
  close(): Promise<void>
}

export async function openShredder(connectionString: string): Promise<Shredder> {
  const client = await connectAdminClient(connectionString)
  return {
    waitForReaders: (withinMs) => waitForReaders(client, withinMs),
    rewriteTables: () => rewriteTables(client),
    overwriteLog: () => overwriteLog(client),
    close: () => client.end(),
  }
}
