/** @file The engine's kernel tables, by the names that `--tables` takes. */
import { type Kernels, referenceKernels } from '../../src/engine/index.ts'

const tables: Readonly<Record<string, () => Kernels>> = { reference: () => referenceKernels }

/** Throws, saying why, where this machine has no such table. */
export function openKernels(table: string): Kernels {
  const open = tables[table]
  if (!open)
    throw new Error(`There is no kernel table "${table}"; ${Object.keys(tables)} there is.`)
  return open()
}
