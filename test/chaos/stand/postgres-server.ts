/**
 * @file The Postgres of a stand: one that nobody brings back but the test. Durable, as in production:
 * it is killed in the middle of writing.
 */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import { prepareBinaries } from '../../../src/embedded/binaries.ts'
import { ensureCluster, readPassword, roleName } from '../../../src/embedded/cluster.ts'
import { placeDataFolder } from '../../../src/embedded/data-folder.ts'
import {
  clearRemains,
  findPostmaster,
  freePort,
  startPostmaster,
  stopPostmaster,
} from '../../../src/embedded/postmaster.ts'
import { processesIn } from '../../../src/embedded/processes.ts'

const silent = { info: () => {}, warn: () => {} }

export interface PostgresServer {
  readonly folder: string
  /** Whose connections bear this name. */
  urlFor(applicationName: string): string
  /** Throws when it does not start, as with a full disk. */
  start(): Promise<void>
  isRunning(): boolean
  /** As `pg_ctl stop -m fast`: open transactions are rolled back. */
  stop(): Promise<void>
  /** All its processes, at once. */
  kill(): Promise<void>
  /** SIGSTOP or SIGCONT to all its processes. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  dispose(): Promise<void>
}

/** `in` a folder that is there, or one of its own. */
export async function startPostgresServer(parent?: string): Promise<PostgresServer> {
  const folder = realpathSync(parent ?? mkdtempSync(join(tmpdir(), 'trainyard-chaos-')))
  chmodSync(folder, 0o755) // else, as root, the data would go to the system folder
  const place = placeDataFolder(folder)
  const binaries = prepareBinaries(place)
  await ensureCluster(place, binaries, { isDurable: true })
  const port = (await freePort()) ?? 0
  const password = readPassword(place.passwordFile)

  async function start() {
    await clearRemains(place.cluster)
    const options = { program: binaries.postgres, port, isDurable: true }
    const ended = await startPostmaster(place, options)
    if (ended !== undefined) throw new Error(`Postgres ended with ${ended}; see ${place.logFile}.`)
  }

  function processes(): number[] {
    const postmaster = findPostmaster(place.cluster)
    return [...new Set([...(postmaster ? [postmaster.pid] : []), ...processesIn(place.cluster)])]
  }

  function signalAll(signal: NodeJS.Signals) {
    for (const pid of processes()) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended.
      }
    }
  }

  async function kill() {
    while (processes().length > 0) {
      signalAll('SIGKILL')
      await sleep(10)
    }
  }

  const killAtExit = () => signalAll('SIGKILL')
  process.once('exit', killAtExit)
  const urlOf = (database: string, name: string) =>
    `postgresql://${roleName}:${password}@127.0.0.1:${port}/${database}?application_name=${name}`
  await start()
  const client = new pg.Client(urlOf('postgres', 'chaos'))
  await client.connect()
  await client.query(`CREATE DATABASE ${roleName}`)
  await client.end()
  return {
    folder,
    urlFor: (name) => urlOf(roleName, name),
    start,
    isRunning: () => findPostmaster(place.cluster) !== undefined,
    stop: () => stopPostmaster(place.cluster, silent),
    kill,
    signal: signalAll,
    async dispose() {
      await kill()
      process.off('exit', killAtExit)
      if (parent === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
