/**
 * @file Where kernels come from: a backend opens memory for a job, and gives the kernel table that
 * works on it.
 */
import type { LinearMemory } from '../memory/layout.ts'
import type { Kernels } from './kernels.ts'
import { referenceKernels } from './reference/reference-kernels.ts'

export interface OpenedMemory {
  readonly kernels: Kernels
  /** At least as many bytes as were asked for, all zero. */
  readonly memory: LinearMemory
}

export interface KernelBackend {
  readonly name: KernelTable
  /** What the kernels take up of a job's memory, beside what its plan says. */
  readonly workspaceBytes: number
  open(bytes: number): OpenedMemory
}

/** `native` is `wasm` with its large matrix products in machine code; both have the same bits. */
export type KernelTable = 'reference' | 'wasm' | 'native'

export const referenceBackend: KernelBackend = {
  name: 'reference',
  workspaceBytes: 0,
  open: (bytes) => ({ kernels: referenceKernels, memory: { buffer: new ArrayBuffer(bytes) } }),
}
