/**
 * @file Where the data lies, and what is in the folder.
 *
 *   <folder>/postgres            the cluster: Postgres's own files, its user's alone
 *   <folder>/postgres.password   of the one database user; 0600
 *   <folder>/postgres.log        what Postgres says
 *   <folder>/postgres-<version>  the binaries, only where they could not be run in node_modules
 */
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { canEnter, type OsUser, osUserFor } from './os-user.ts'

export interface DataFolder {
  readonly folder: string
  readonly cluster: string
  readonly passwordFile: string
  readonly logFile: string
  readonly user: OsUser
}

/** For data whose own folder the user of Postgres cannot enter, such as root's 0700 home. */
const systemFolder = '/var/lib/trainyard'

/**
 * The folder that was asked for, or the one in the system folder where Postgres cannot enter the
 * former. Data that is there already decides, so that a `chmod` never hides it.
 */
export function placeDataFolder(asked: string, system = systemFolder): DataFolder {
  const folder = choose(resolve(asked), system)
  const user = osUserFor(join(folder, 'postgres'))
  makeFolder(folder)
  return describe(realpathSync(folder), user)
}

function choose(wanted: string, system: string): string {
  if (process.getuid?.() !== 0) return wanted
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  const substitute = join(system, hash)
  const hasData = (folder: string) => existsSync(join(folder, 'postgres'))
  if (hasData(substitute) && !hasData(wanted)) return substitute
  const user = osUserFor(join(wanted, 'postgres'))
  return canEnter(user, nearestExisting(wanted)) ? wanted : substitute
}

function describe(folder: string, user: OsUser): DataFolder {
  return {
    folder,
    cluster: join(folder, 'postgres'),
    passwordFile: join(folder, 'postgres.password'),
    logFile: join(folder, 'postgres.log'),
    user,
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder))
}

/** Folders that others may pass through, whatever the umask: the files in them guard themselves. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder) // with `recursive`, Node 20 tries for ever in /proc
  } catch (error) {
    if (!existsSync(folder)) throw error // else another program has just made it
  }
  chmodSync(folder, 0o755)
}

/** What is made in the folder is made under this name, and renamed when it is whole. */
export function partialOf(path: string): string {
  return `${path}.${process.pid}.partial`
}

/** Removes what programs left half-made that were killed: tens of megabytes each. */
export function sweepPartials(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /\.(\d+)\.partial$/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
