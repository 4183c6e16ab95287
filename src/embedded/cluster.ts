/**
 * @file The cluster: Postgres's files on disk, and the password of their one user. Made once, whole or
 * not at all; two programs that make it at the same time end with the same one.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import type { Binaries } from './binaries.ts'
import { type DataFolder, partialOf } from './data-folder.ts'
import { EmbeddedPostgresError } from './errors.ts'

/** The one database user, and the database of the service. */
export const roleName = 'trainyard'

export async function ensureCluster(
  place: DataFolder,
  { initdb, majorVersion }: Binaries,
  { isDurable }: { isDurable: boolean },
): Promise<void> {
  const { cluster, folder, user } = place
  if (!existsSync(cluster)) {
    const password = keepPassword(place.passwordFile)
    // Made elsewhere and renamed: initdb, killed in the middle, leaves what looks like a cluster.
    const partial = partialOf(cluster)
    const passwordCopy = partialOf(`${place.passwordFile}.copy`)
    try {
      rmSync(partial, { recursive: true, force: true })
      mkdirSync(partial, { mode: 0o700 })
      writeFileSync(passwordCopy, password, { mode: 0o600 })
      if (user.uid !== undefined && user.gid !== undefined) {
        chownSync(partial, user.uid, user.gid)
        chownSync(passwordCopy, user.uid, user.gid)
      }
      const args = ['-D', partial, '-U', roleName, '--pwfile', passwordCopy]
      args.push('-A', 'scram-sha-256', '-E', 'UTF8', '--no-locale')
      if (!isDurable) args.push('--no-sync')
      await run(initdb, args, { ...user, cwd: folder })
      renameSync(partial, cluster)
    } catch (error) {
      if (!existsSync(cluster)) throw error // else another program was faster
    } finally {
      rmSync(partial, { recursive: true, force: true })
      rmSync(passwordCopy, { force: true })
    }
  }

  const madeBy = Number(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'))
  if (madeBy !== majorVersion) {
    throw new EmbeddedPostgresError(
      `The data in ${cluster} was written by PostgreSQL ${madeBy}, and this version brings ` +
        `${majorVersion}. Start the version that wrote it, back it up, and restore it here.`,
    )
  }
}

/** The password in the file; a new one where there is none. */
function keepPassword(file: string): string {
  const partial = partialOf(file)
  writeFileSync(partial, randomBytes(24).toString('base64url'), { mode: 0o600 })
  try {
    linkSync(partial, file) // refuses to replace: the first of two programs wins
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(partial)
  }
  return readPassword(file)
}

export function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The password of the embedded Postgres cannot be read: ${String(error)}. ` +
        'Put the file back, or make it hold a new password and set that one with ALTER ROLE.',
    )
  }
}

function run(
  program: string,
  args: string[],
  options: { uid?: number; gid?: number; cwd: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...options,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve()
      const last = complaint.trim().split('\n').slice(-4).join(' ')
      reject(
        new EmbeddedPostgresError(`initdb could not make a database in ${options.cwd}: ${last}`),
      )
    })
  })
}
