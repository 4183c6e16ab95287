/** @file Work that a team of real threads does, each a member.thread.ts. */
import { Worker } from 'node:worker_threads'

import { type KernelTable, type SharedMemory, teamBytes } from '../../../src/engine/index.ts'
import { loadKernels } from '../../../src/threads/kernel-backend.ts'
import { trainingCases } from './training-cases.ts'

export interface MemberData {
  readonly table: KernelTable
  readonly index: number
  readonly count: number
  /** What they meet by. */
  readonly words: SharedArrayBuffer
  readonly rounds: readonly Round[]
}

/** All cases once. */
export interface Round {
  /** The member that comes late to some of its calls; null where none does. */
  readonly stumbles: number | null
  /** For the layers, one after the other. */
  readonly layers: SharedMemory
  /** One for each training. */
  readonly trainings: readonly SharedMemory[]
}

/** By the name of the case. */
export type Hashes = Readonly<Record<string, string>>

const entry = new URL('./start-member.mjs', import.meta.url)
const layerBytes = 16 * 1024 * 1024

/** The hash of everything that each case computes: by an even team, or while one of its members stumbles. */
export async function hashesOfTeam(
  table: KernelTable,
  count: number,
  stumblers: readonly (number | null)[] = [null],
): Promise<readonly Hashes[]> {
  const { shared } = loadKernels(table).backend
  if (!shared) throw new Error(`The ${table} table works alone.`)
  const create = (bytes: number) => shared.create(bytes, count)
  const words = new SharedArrayBuffer(teamBytes)
  const members = Array.from({ length: count }, (_, index) => index)
  const rounds = stumblers.map((stumbles) => ({
    stumbles,
    layers: create(layerBytes),
    trainings: trainingCases.map(({ plan }) => create(plan.memoryBytes)),
  }))
  const [hashes] = await Promise.all(
    members.map((index) => {
      const workerData: MemberData = { table, index, count, words, rounds }
      return answerOf(new Worker(entry, { workerData }))
    }),
  )
  return hashes
}

function answerOf(worker: Worker): Promise<readonly Hashes[]> {
  return new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('a member left without an answer')))
  })
}
