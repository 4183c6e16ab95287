/** @file Layers forward and backward by a team of real threads, each a member.thread.ts. */
import { Worker } from 'node:worker_threads'

import { type KernelTable, type SharedMemory, teamBytes } from '../../../src/engine/index.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'

export interface MemberData {
  readonly table: KernelTable
  readonly index: number
  readonly count: number
  readonly memory: SharedMemory
  /** What they meet by. */
  readonly words: SharedArrayBuffer
}

const entry = new URL('./start-member.mjs', import.meta.url)
const memoryBytes = 16 * 1024 * 1024

/** The hash of everything that each case computes, by its name. */
export async function hashesOfTeam(
  table: KernelTable,
  count: number,
): Promise<Readonly<Record<string, string>>> {
  const { shared } = loadKernels(table).backend
  if (!shared) throw new Error(`The ${table} table works alone.`)
  const memory = shared.create(memoryBytes, count)
  const words = new SharedArrayBuffer(teamBytes)
  const members = Array.from({ length: count }, (_, index) => {
    const workerData: MemberData = { table, index, count, memory, words }
    return answerOf(new Worker(entry, { workerData }))
  })
  const [hashes] = await Promise.all(members)
  return hashes
}

function answerOf(worker: Worker): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('a member left without an answer')))
  })
}
