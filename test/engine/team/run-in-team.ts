/** @file Layers forward and backward by a team of real threads, each a member.thread.ts. */
import { Worker } from 'node:worker_threads'

import type { KernelTable } from '../../../src/engine/index.ts'
import type { WasmBackend } from '../../../src/engine/kernels/wasm/wasm-backend.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'

export interface MemberData {
  readonly table: KernelTable
  readonly index: number
  readonly count: number
  readonly memory: { readonly buffer: SharedArrayBuffer }
  /** How many have come to the meeting, and how many meetings there have been. */
  readonly meetings: Int32Array
}

const entry = new URL('./start-member.mjs', import.meta.url)
const memoryBytes = 16 * 1024 * 1024

/** The hash of everything that each case computes, by its name. */
export async function hashesOfTeam(
  table: KernelTable,
  count: number,
): Promise<Readonly<Record<string, string>>> {
  const backend = loadKernels(table).backend as WasmBackend
  const memory = backend.createMemory(memoryBytes, count)
  const meetings = new Int32Array(new SharedArrayBuffer(8))
  const members = Array.from({ length: count }, (_, index) => {
    const workerData: MemberData = { table, index, count, memory, meetings }
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
