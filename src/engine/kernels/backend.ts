/**
 * @file Where kernels come from: a backend opens memory for a job, and gives the kernel table that
 * works on it.
 */
import type { LinearMemory } from '../memory/layout.ts'
import type { Kernels } from './kernels.ts'
import { referenceKernels } from './reference/reference-kernels.ts'
import { solo, type Team } from './team.ts'
import type { WasmMemory } from './wasm/web-assembly.ts'

export interface OpenedMemory {
  readonly kernels: Kernels
  /** At least as many bytes as were asked for, all zero. */
  readonly memory: LinearMemory
  /** Who works on it: `solo`, or this thread's place among several. */
  readonly team: Team
  /** Not there where calls cannot be made again as one: several threads meet between them. */
  readonly createRecorder?: () => Recorder
}

/**
 * A tape for kernel calls: a step of a small network is the same few calls with the same arguments each
 * time, and to make them from JavaScript takes longer than what they compute.
 */
export interface Recorder {
  /** Computes nothing, and writes down what it is asked for. Sums are 0. */
  readonly kernels: Kernels
  /**
   * The calls since the last time that this was asked; null where they cannot be made again: there were
   * more than a compiled function should hold, or a kernel computes outside of the tables.
   */
  take(): readonly RecordedCall[] | null
  /**
   * One function that makes all these calls again: `first`, whose last call gives a number, and `then`
   * only where that number is finite. It returns the number.
   */
  replay(
    first: readonly RecordedCall[],
    then: readonly RecordedCall[],
    /** How often, about, it will be called: how much time may be spent on it before. */
    times: number,
  ): () => number
}

export interface RecordedCall {
  readonly table: 'wasm' | 'native'
  readonly name: string
  readonly args: readonly number[]
}

export interface KernelBackend {
  readonly name: KernelTable
  open(bytes: number): OpenedMemory
  /** null where only one thread can work on a memory. */
  readonly shared: SharedMemories | null
}

/** Memories that several threads work on; they are sent from one to the others. */
export interface SharedMemories {
  create(bytes: number, threads: number): WasmMemory
  /** This thread's kernels on it. */
  join(memory: WasmMemory, team: Team): OpenedMemory
}

/** `native` is `wasm` with what costs most in machine code; both have the same bits. */
export type KernelTable = 'reference' | 'wasm' | 'native'

export const referenceBackend: KernelBackend = {
  name: 'reference',
  open: (bytes) => ({
    kernels: referenceKernels,
    memory: { buffer: new ArrayBuffer(bytes) },
    team: solo,
  }),
  shared: null,
}
