/**
 * @file Which kernels this thread computes with: the files that the build has made, loaded once. The
 * engine reads no file, so it is given them here.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type { KernelChoice } from '../contract/kernels.ts'
import {
  createWasmBackend,
  type KernelBackend,
  type NativeKernels,
  referenceBackend,
} from '../engine/index.ts'

export interface LoadedKernels {
  readonly backend: KernelBackend
  /** Why the native kernels are not used; null when they are, or were not asked for. */
  readonly nativeMissing: string | null
}

/** Throws where `native` was asked for by name and cannot be had. */
export function loadKernels(choice: KernelChoice): LoadedKernels {
  if (choice === 'reference') return { backend: referenceBackend, nativeMissing: null }
  const module = new WebAssembly.Module(readFileSync(generated('kernels.wasm')))
  if (choice === 'wasm') return { backend: createWasmBackend(module), nativeMissing: null }

  const native = loadNative()
  if (typeof native !== 'string') {
    return { backend: createWasmBackend(module, native), nativeMissing: null }
  }
  if (choice === 'native') throw new Error(`TRAINYARD_KERNELS=native: ${native}.`)
  return { backend: createWasmBackend(module), nativeMissing: native }
}

/** Returns the reason where there are none. */
function loadNative(): NativeKernels | string {
  const whyNotBuilt = readFileSync(generated('native-missing.txt'), 'utf8')
  if (whyNotBuilt !== '') return whyNotBuilt
  try {
    const native: NativeKernels & { readonly isSupported: boolean } = createRequire(
      import.meta.url,
    )(generated('matrix-product.node'))
    return native.isSupported ? native : 'this processor has no AVX2'
  } catch (error) {
    return `they do not load here: ${error instanceof Error ? error.message : String(error)}`
  }
}

function generated(name: string): string {
  return fileURLToPath(new URL(`../engine/kernels/generated/${name}`, import.meta.url))
}
