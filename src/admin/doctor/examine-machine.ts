/** @file What this machine must have left for the service: disk and open files. */
import { spawnSync } from 'node:child_process'
import { statfsSync } from 'node:fs'

import { describeBytes } from '../quantities.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

/** Postgres stops at a full disk; its log alone may grow to 1 GB. */
const leastFreeBytes = 2e9
const amplyFreeBytes = 10e9

export function examineDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder)
  return judgeDisk(bavail * bsize, folder)
}

export function judgeDisk(freeBytes: number, folder: string): Finding {
  const found = `${describeBytes(freeBytes)} free in ${folder}`
  if (freeBytes < leastFreeBytes) {
    return failed('disk', found, 'Expected at least 2 GB: Postgres stops when it is full.')
  }
  if (freeBytes >= amplyFreeBytes) return ok('disk', found)
  return warning('disk', found, 'Datasets and weights may need more: 10 GB are ample.')
}

/** Each client that follows a stream holds one, each connection to a database too. */
const fewestOpenFiles = 1_024
const amplyOpenFiles = 10_240

/** Of a child, which inherits it: Node has raised its own to the most that is allowed. */
export function examineOpenFiles(): Finding {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })
  return judgeOpenFiles((stdout ?? '').trim())
}

export function judgeOpenFiles(limit: string): Finding {
  if (limit === 'unlimited' || Number(limit) >= amplyOpenFiles) return ok('open files', limit)
  if (Number(limit) >= fewestOpenFiles) {
    return warning('open files', limit, 'Thousands of clients that follow jobs need 10240 or more.')
  }
  return failed('open files', limit || 'unknown', 'Expected at least 1024: raise it (ulimit -n).')
}
