/**
 * @file The native kernels as the build has left them: machine code for Node-API, or the reason why
 * there is none. Read by threads, and at the start where they were asked for by name.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type { NativeKernels } from '../engine/index.ts'

/** A file that the build has made of the kernels. */
export function generatedKernel(name: string): string {
  return fileURLToPath(new URL(`../engine/kernels/generated/${name}`, import.meta.url))
}

/** Returns why there are none, in words that follow "not used:". */
export function loadNativeKernels(): NativeKernels | string {
  const whyNotBuilt = readFileSync(generatedKernel('native-missing.txt'), 'utf8')
  if (whyNotBuilt !== '') return whyNotBuilt
  try {
    const load = createRequire(import.meta.url)
    const native: NativeKernels & { readonly isSupported: boolean } = load(
      generatedKernel('kernels.node'),
    )
    return native.isSupported ? native : 'this processor has no AVX2'
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `they do not load here: ${why.split('\n')[0]}`
  }
}
