/** @file The kernels of this thread: loaded when the first task needs them, as the pool was told. */
import { workerData } from 'piscina'

import { KernelChoice } from '../contract/kernels.ts'
import { type LoadedKernels, loadKernels } from './kernel-backend.ts'

let loaded: LoadedKernels | undefined

export function kernelsOfThread(): LoadedKernels {
  loaded ??= loadKernels(KernelChoice.parse(workerData?.kernels ?? 'auto'))
  return loaded
}
