/**
 * @file Questions about processes of this machine that are not our children: a postmaster outlives the
 * program that started it, and its number may since belong to anybody.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** True where process `pid` is a postmaster of `cluster`; false for a zombie or another program. */
export function isPostmasterOf(cluster: string, pid: number): boolean {
  const command = commandOf(pid)
  return command.includes('postgres') && `${command} `.includes(` -D ${cluster} `)
}

/** Empty for a process that is gone, and for a zombie. */
function commandOf(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    } catch {
      return ''
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout ?? ''
}

/**
 * Processes that work in `folder`. The children of a postmaster do, and after it was killed the last
 * of them must be gone before another may start on the same files. Only Linux tells; elsewhere none.
 */
export function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder
      } catch {
        return false // gone since, or another user's
      }
    })
    .map(Number)
}
