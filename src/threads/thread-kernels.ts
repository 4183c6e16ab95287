/** @file The kernels and the memory of this thread: made when the first task needs them, as the pool was told. */
import { workerData } from 'piscina'

import { KernelChoice } from '../contract/kernels.ts'
import { type LoadedKernels, loadKernels } from './kernel-backend.ts'
import { createTaskMemory, type TaskMemory } from './task-memory.ts'

let loaded: LoadedKernels | undefined
let memory: TaskMemory | undefined

export function kernelsOfThread(): LoadedKernels {
  loaded ??= loadKernels(KernelChoice.parse(workerData?.kernels ?? 'auto'))
  return loaded
}

/** Of the one task that trains on this thread at a time. */
export function memoryOfThread(): TaskMemory {
  memory ??= createTaskMemory(kernelsOfThread().backend)
  return memory
}
