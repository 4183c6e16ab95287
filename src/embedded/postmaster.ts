/**
 * @file The postmaster, Postgres's first process: find the one that runs, start one, wait for it, stop
 * it. What it writes into `postmaster.pid` is the truth, since it may not be our child.
 */
import { spawn } from 'node:child_process'
import {
  closeSync,
  fchownSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { DataFolder } from './data-folder.ts'
import { EmbeddedPostgresError } from './errors.ts'
import type { Log } from './log.ts'
import { isPostmasterOf, processesIn } from './processes.ts'

export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** Accepts connections. */
  readonly isReady: boolean
}

const pollMs = 20
/** Crash recovery replays at most max_wal_size (1 GB) of log: seconds, a minute on a slow disk. */
export const startLimitMs = 5 * 60_000
const stopLimitMs = 30_000
const logLimitBytes = 10 * 1024 * 1024

export function findPostmaster(cluster: string): Postmaster | undefined {
  const lines = readPidFile(cluster)?.split('\n') ?? []
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!pid || !isPostmasterOf(cluster, pid)) return undefined
  return { pid, port, isReady: lines[7]?.trim() === 'ready' }
}

/** The port that the postmaster had which left its file, alive or not. */
export function portBefore(cluster: string): number | undefined {
  return Number(readPidFile(cluster)?.split('\n')[3]) || undefined
}

function readPidFile(cluster: string): string | undefined {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Makes way for a new postmaster after one that was killed. Postgres removes the file of a dead process
 * itself, but not that of a zombie, nor where another program got its number, nor an empty one.
 */
export async function clearRemains(cluster: string): Promise<void> {
  const deadline = Date.now() + stopLimitMs
  for (let left = processesIn(cluster); left.length > 0; left = processesIn(cluster)) {
    if (findPostmaster(cluster)) return
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `A Postgres that was killed left processes which still use ${cluster}: ${left.join(', ')}. ` +
          'End them (kill -QUIT), then start again.',
      )
    }
    await sleep(pollMs)
  }
  const before = readPidFile(cluster)
  if (before === undefined) return
  await sleep(before.trim() === '' ? 1000 : 0) // it may be being written just now
  if (readPidFile(cluster) === before && !findPostmaster(cluster)) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true })
  }
}

export interface StartOptions {
  readonly program: string
  readonly port: number
  readonly isDurable: boolean
}

/** Resolves with the exit code where the new process ended, or undefined once it accepts connections. */
export async function startPostmaster(
  { cluster, folder, logFile, user }: DataFolder,
  { program, port, isDurable }: StartOptions,
): Promise<number | string | undefined> {
  const args = ['-D', cluster, '-p', String(port)]
  for (const [name, value] of Object.entries(settings(isDurable)))
    args.push('-c', `${name}=${value}`)

  rotate(logFile)
  const log = openSync(logFile, 'a', 0o600)
  // Not root's: the owner of the data may start it next, without root.
  if (user.uid !== undefined && user.gid !== undefined) fchownSync(log, user.uid, user.gid)
  // Detached, and into a file: Ctrl-C must not reach it, and it must outlive a program that is killed.
  const child = spawn(program, args, {
    ...user,
    cwd: folder,
    detached: true,
    env: { LC_ALL: 'C', TZ: 'UTC' }, // nothing of ours: no keys, and no PGDATA, PGPORT
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended: number | string | undefined
  child.on('error', (error) => {
    ended = error.message
  })
  child.on('exit', (code, signal) => {
    ended = code ?? signal ?? 'unknown'
  })
  child.unref()

  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; await sleep(pollMs)) {
    if (ended !== undefined) return ended
    const running = findPostmaster(cluster)
    if (running?.pid === child.pid && running?.isReady) return undefined
  }
  throw new EmbeddedPostgresError(
    `Postgres was not ready after ${startLimitMs / 60_000} minutes; see ${logFile}.`,
  )
}

function settings(isDurable: boolean): Record<string, string | number> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    jit: 'off', // compiling costs more than any query here saves
    timezone: 'UTC',
    log_timezone: 'UTC',
    fsync: isDurable ? 'on' : 'off',
    synchronous_commit: isDurable ? 'on' : 'off',
    full_page_writes: isDurable ? 'on' : 'off',
  }
}

function rotate(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size > logLimitBytes) renameSync(logFile, `${logFile}.1`)
}

/** Ends it the fast way, which rolls open transactions back and writes everything to disk. */
export async function stopPostmaster(cluster: string, log: Log): Promise<void> {
  const running = findPostmaster(cluster)
  if (!running) return
  const { pid } = running
  process.kill(pid, 'SIGINT')
  for (const deadline = Date.now() + stopLimitMs; Date.now() < deadline; await sleep(pollMs)) {
    if (!isPostmasterOf(cluster, pid)) return
  }
  log.warn({ pid }, 'Postgres did not stop in 30 s: ended at once, it recovers at the next start')
  process.kill(pid, 'SIGQUIT')
  for (const deadline = Date.now() + 5000; Date.now() < deadline; await sleep(pollMs)) {
    if (!isPostmasterOf(cluster, pid)) return
  }
}

/** The one asked for, if it is free; any free one where none was asked for. */
export async function freePort(port = 0): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}

export function lastWordsOf(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n')
  } catch {
    return ''
  }
}
