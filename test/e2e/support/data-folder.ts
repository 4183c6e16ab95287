/** @file A data folder for one test, and the embedded Postgres that works in it. */
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { readPassword, roleName } from '../../../src/embedded/cluster.ts'
import { findPostmaster } from '../../../src/embedded/postmaster.ts'
import { processesIn } from '../../../src/embedded/processes.ts'

export interface TestDataFolder {
  readonly path: string
  /** All processes of the Postgres that runs on it. */
  postgresProcesses(): number[]
  postgresLog(): string
  /** Of the Postgres that runs on it. */
  databaseUrl(): string
  /** As SIGKILL does, and returns when nothing is left. */
  killPostgres(): Promise<void>
  dispose(): Promise<void>
}

export function testDataFolder(): TestDataFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'trainyard-e2e-')))
  chmodSync(path, 0o755) // else, as root, the data would go to the system folder
  const cluster = join(path, 'postgres')

  function postgresProcesses(): number[] {
    const postmaster = findPostmaster(cluster)
    return [...new Set([...(postmaster ? [postmaster.pid] : []), ...processesIn(cluster)])]
  }

  async function killPostgres(): Promise<void> {
    for (let pids = postgresProcesses(); pids.length > 0; pids = postgresProcesses()) {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended.
        }
      }
      await sleep(20)
    }
  }

  return {
    path,
    postgresProcesses,
    databaseUrl() {
      const port = findPostmaster(cluster)?.port
      const password = readPassword(join(path, 'postgres.password'))
      return `postgresql://${roleName}:${password}@127.0.0.1:${port}/${roleName}`
    },
    postgresLog: () => readFileSync(join(path, 'postgres.log'), 'utf8'),
    killPostgres,
    async dispose() {
      await killPostgres()
      rmSync(path, { recursive: true, force: true })
    },
  }
}
