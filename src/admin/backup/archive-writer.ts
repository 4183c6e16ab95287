/**
 * @file Writes a backup file, which appears under its name when it is whole and on the disk, or not at
 * all. Only its owner may read it: it holds the data of every project.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { AdminError, reasonOf } from '../errors.ts'
import { hashEntry } from './manifest.ts'
import { encodeHeader, endOfTar, paddingBytes } from './tar.ts'

export interface ArchiveWriter {
  add(name: string, content: Buffer): Promise<void>
  /** Returns its size. */
  finish(): Promise<number>
  /** Leaves nothing. After `finish` it does nothing. */
  discard(): Promise<void>
}

export async function createArchive(path: string): Promise<ArchiveWriter> {
  if (existsSync(path)) {
    throw new AdminError(`${path} is there already, and is not replaced. Name another file.`)
  }
  const createdAt = new Date()
  const partial = `${path}.${process.pid}.partial`
  const hash = createHash('sha256')
  let size = 0

  async function orSayWhy<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new AdminError(
        `The backup cannot be written to ${path}: ${reasonOf(error)}. Nothing is left of it. ` +
          'Mend that, or name a file elsewhere.',
        { cause: error },
      )
    }
  }

  const file: FileHandle = await orSayWhy(() => open(partial, 'wx', 0o600))
  let isOpen = true

  async function write(bytes: Buffer): Promise<void> {
    await file.writeFile(bytes) // at the end of what is there; `write` may take a part alone
    hash.update(bytes)
    size += bytes.length
  }

  async function writeEntry(name: string, content: Buffer): Promise<void> {
    await write(encodeHeader({ name, size: content.length }, createdAt))
    await write(content)
    await write(Buffer.alloc(paddingBytes(content.length)))
  }

  return {
    add: (name, content) => orSayWhy(() => writeEntry(name, content)),

    finish: () =>
      orSayWhy(async () => {
        await writeEntry(hashEntry, Buffer.from(hash.copy().digest('hex')))
        await write(endOfTar)
        await file.sync()
        await file.close()
        isOpen = false
        await rename(partial, path)
        await syncFolder(dirname(path))
        return size
      }),

    async discard() {
      if (isOpen) await file.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
}

/** Else a machine that loses power may forget the name of a file that it has. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
