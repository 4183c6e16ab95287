/**
 * @file Opens a backup file: reads it through first, and compares its SHA-256, so that a wrong, cut or
 * damaged file is refused before anything is touched.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

import { AdminError, reasonOf } from '../errors.ts'
import {
  BackupEnd,
  BackupHeader,
  endEntry,
  firstEntry,
  formatVersion,
  hashEntry,
  partName,
  tableOf,
} from './manifest.ts'
import { blockBytes, decodeHeader, paddingBytes } from './tar.ts'

export interface Archive {
  readonly header: BackupHeader
  readonly end: BackupEnd
  /** The parts of a table, in order. */
  read(table: string): AsyncGenerator<Buffer>
  close(): Promise<void>
}

interface Entry {
  readonly name: string
  readonly offset: number
  readonly size: number
}

/** The manifests grow with the number of tables and no further. */
const maxManifestBytes = 16 * 1024 * 1024

const pieceBytes = 1024 * 1024

/** Errors: AdminError, which says what the file is not. */
export async function openArchive(path: string): Promise<Archive> {
  const file = await open(path, 'r').catch((error) => {
    throw new AdminError(`The backup ${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  })
  try {
    const entries = await readEntries(file, path)
    const header = await readHeader(file, entries[0], path)
    const end = await readEnd(file, entries.at(-1), path)
    checkParts(entries.slice(1, -1), header, path)
    return {
      header,
      end,
      async *read(table) {
        for (const entry of entries) {
          if (tableOf(entry.name) === table) yield* readPieces(file, entry, path)
        }
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** All but the hash, which has been compared by then. */
async function readEntries(file: FileHandle, path: string): Promise<Entry[]> {
  const entries: Entry[] = []
  const hash = createHash('sha256')
  for (let offset = 0; ; ) {
    const block = await readExactly(file, offset, blockBytes, path)
    const found = decodeHeader(block)
    if (!found || (offset === 0 && found.name !== firstEntry)) {
      throw offset === 0 ? notABackup(path) : damaged(path, `there is no entry at byte ${offset}`)
    }
    const entry = { ...found, offset: offset + blockBytes }
    if (entry.name === hashEntry) {
      await compareHash(file, entry, hash.digest('hex'), path)
      return entries
    }
    entries.push(entry)
    hash.update(block)
    const padded = { ...entry, size: entry.size + paddingBytes(entry.size) }
    for await (const piece of readPieces(file, padded, path)) hash.update(piece)
    offset = padded.offset + padded.size
  }
}

async function compareHash(file: FileHandle, entry: Entry, found: string, path: string) {
  const content = await readExactly(file, entry.offset, Math.min(entry.size, found.length), path)
  const expected = content.toString('latin1')
  if (found === expected) return
  throw damaged(path, `it has SHA-256 ${found}, and had ${expected} when it was written`)
}

async function readHeader(file: FileHandle, entry: Entry | undefined, path: string) {
  const found = await readJson(file, entry, path)
  const { success, data } = BackupHeader.safeParse(found)
  if (success) return data
  const version =
    typeof found === 'object' && found !== null && 'version' in found ? found.version : undefined
  if (typeof version !== 'number' || version === formatVersion) throw notABackup(path)
  throw new AdminError(
    `${path} is a backup of format ${version}, and this version of Trainyard reads format ` +
      `${formatVersion}. Restore it with the version that wrote it.`,
  )
}

async function readEnd(file: FileHandle, entry: Entry | undefined, path: string) {
  const { success, data } = BackupEnd.safeParse(await readJson(file, entry, path))
  if (entry?.name === endEntry && success) return data
  throw damaged(path, `its ${endEntry} does not have the expected shape`)
}

async function readJson(file: FileHandle, entry: Entry | undefined, path: string) {
  if (!entry || entry.size > maxManifestBytes) throw notABackup(path)
  const content = await readExactly(file, entry.offset, entry.size, path)
  try {
    const value: unknown = JSON.parse(content.toString('utf8'))
    return value
  } catch {
    throw damaged(path, `its ${entry.name} is not JSON`)
  }
}

/** Every part belongs to a table of the header, and none is missing or doubled. */
function checkParts(parts: readonly Entry[], { tables }: BackupHeader, path: string): void {
  const expected = new Map(tables.map(({ name }) => [name, 0]))
  for (const { name } of parts) {
    const table = tableOf(name) ?? ''
    const part = expected.get(table)
    if (part === undefined || name !== partName(table, part)) {
      throw damaged(path, `its entry ${JSON.stringify(name)} is not the next part of a table`)
    }
    expected.set(table, part + 1)
  }
}

async function* readPieces(file: FileHandle, { offset, size }: Entry, path: string) {
  for (let at = 0; at < size; at += pieceBytes) {
    yield await readExactly(file, offset + at, Math.min(pieceBytes, size - at), path)
  }
}

async function readExactly(file: FileHandle, offset: number, length: number, path: string) {
  const { bytesRead, buffer } = await file
    .read(Buffer.alloc(length), 0, length, offset)
    .catch((error) => {
      throw new AdminError(`The backup ${path} cannot be read: ${reasonOf(error)}.`, {
        cause: error,
      })
    })
  if (bytesRead < length) throw offset === 0 ? notABackup(path) : cutShort(path)
  return buffer
}

function notABackup(path: string): AdminError {
  return new AdminError(`${path} is not a backup that \`trainyard backup\` has written.`)
}

function cutShort(path: string): AdminError {
  return new AdminError(
    `The backup ${path} ends before its last entry: it was cut short on its way. Copy it again.`,
  )
}

function damaged(path: string, what: string): AdminError {
  return new AdminError(`The backup ${path} is damaged: ${what}. Copy it again, or use another.`)
}
