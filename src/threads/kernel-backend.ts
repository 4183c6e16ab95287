/**
 * @file Which kernels a thread computes with: the files that the build has made. The engine reads no
 * file, so it is given them here.
 */
import { readFileSync } from 'node:fs'

import type { KernelChoice } from '../contract/kernels.ts'
import { createWasmBackend, type KernelBackend, referenceBackend } from '../engine/index.ts'
import { generatedKernel, loadNativeKernels } from './native-kernels.ts'

export interface LoadedKernels {
  readonly backend: KernelBackend
  /** Why the native kernels are not used; null when they are, or were not asked for. */
  readonly nativeMissing: string | null
}

/** Throws where `native` was asked for by name and cannot be had. */
export function loadKernels(choice: KernelChoice): LoadedKernels {
  if (choice === 'reference') return { backend: referenceBackend, nativeMissing: null }
  const module = new WebAssembly.Module(readFileSync(generatedKernel('kernels.wasm')))
  if (choice === 'wasm') return { backend: createWasmBackend(module), nativeMissing: null }

  const native = loadNativeKernels()
  if (typeof native !== 'string') {
    return { backend: createWasmBackend(module, native), nativeMissing: null }
  }
  if (choice === 'native') throw new Error(`There are no native kernels: ${native}.`)
  return { backend: createWasmBackend(module), nativeMissing: native }
}
