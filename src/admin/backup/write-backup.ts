/**
 * @file `trainyard backup`: the whole database in one file, from one snapshot, while the service goes on.
 * Memory stays flat: a part of a table at a time.
 */
import { openSnapshot, type Snapshot } from '../../store/backup/snapshot.ts'
import type { Table } from '../../store/tables.ts'
import { AdminError } from '../errors.ts'
import { type ArchiveWriter, createArchive } from './archive-writer.ts'
import {
  type BackupEnd,
  type BackupHeader,
  endEntry,
  firstEntry,
  formatVersion,
  partName,
} from './manifest.ts'

export interface BackupOptions {
  readonly databaseUrl: string
  readonly path: string
  readonly trainyardVersion: string
  readonly signal: AbortSignal
}

export interface BackupReport {
  readonly tables: number
  readonly rows: number
  readonly bytes: number
}

const partBytes = 4 * 1024 * 1024

export async function writeBackup(options: BackupOptions): Promise<BackupReport> {
  const { databaseUrl, path, trainyardVersion, signal } = options
  const archive = await createArchive(path)
  try {
    const snapshot = await openSnapshot(databaseUrl)
    try {
      if (snapshot.migrations.length === 0) {
        throw new AdminError(
          'This database has no schema of Trainyard: there is nothing to back up.',
        )
      }
      await addJson(archive, firstEntry, headerOf(snapshot, trainyardVersion))
      const tables: BackupEnd['tables'] = []
      for (const table of snapshot.tables) {
        tables.push({ name: table.name, rows: await copyTable(archive, table, snapshot, signal) })
      }
      const end: BackupEnd = { tables, sequences: [...snapshot.sequences] }
      await addJson(archive, endEntry, end)
      const bytes = await archive.finish()
      return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes }
    } finally {
      await snapshot.close()
    }
  } finally {
    await archive.discard()
  }
}

function headerOf(snapshot: Snapshot, trainyardVersion: string): BackupHeader {
  return {
    format: 'trainyard backup',
    version: formatVersion,
    created_at: new Date().toISOString(),
    trainyard_version: trainyardVersion,
    postgres_version: snapshot.postgresVersion,
    migrations: [...snapshot.migrations],
    tables: snapshot.tables.map(({ name, columns }) => ({ name, columns: [...columns] })),
  }
}

function addJson(archive: ArchiveWriter, name: string, value: object): Promise<void> {
  return archive.add(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
}

/** Returns how many rows it has. */
async function copyTable(
  archive: ArchiveWriter,
  table: Table,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<number> {
  const rows = snapshot.read(table)
  let part = 0
  for await (const content of inParts(rows)) {
    signal.throwIfAborted()
    await archive.add(partName(table.name, part), content)
    part += 1
  }
  return rows.rowCount
}

async function* inParts(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let size = 0
  for await (const piece of stream) {
    pieces.push(piece)
    size += piece.length
    if (size < partBytes) continue
    yield Buffer.concat(pieces)
    pieces = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(pieces)
}
