/** @file The kernel tables that a program can compute with, and how one is asked for. */
import { z } from 'zod'

/** `native` and `wasm` have the same bits; `auto` takes the fastest that is there. */
export const KernelChoice = z.enum(['auto', 'reference', 'wasm', 'native'])
export type KernelChoice = z.infer<typeof KernelChoice>

/** What a program computes with. */
export const KernelReport = z
  .strictObject({
    table: z.enum(['reference', 'wasm', 'native']),
    native_missing: z
      .string()
      .nullable()
      .meta({ description: 'Why the native kernels are not used, where they could be.' }),
  })
  .meta({ id: 'Kernels' })
export type KernelReport = z.infer<typeof KernelReport>
