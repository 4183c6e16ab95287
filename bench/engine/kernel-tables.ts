/** @file The engine's kernels, by the names that `--tables` takes. */

import { KernelChoice } from '../../src/contract/kernels.ts'
import type { KernelBackend } from '../../src/engine/index.ts'
import { loadKernels } from '../../src/threads/kernel-backend.ts'

/** Throws, saying why, where this machine has no such table. */
export function openKernels(table: string): KernelBackend {
  return loadKernels(KernelChoice.exclude(['auto']).parse(table)).backend
}
