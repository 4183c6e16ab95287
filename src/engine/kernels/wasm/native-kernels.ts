/**
 * @file Kernels in machine code, in the place of WebAssembly's of the same names where there is enough
 * work to pay for the call (11 to 150 ns). Both have the same bits (docs/numerics.md).
 */
import type { WasmExports } from './wasm-exports.ts'

/** What the native module has, from ../native/. */
export type NativeExports = Pick<WasmExports, 'gemm'>

/** The native module: binds to a memory, which must outlive the kernels. */
export interface NativeKernels {
  bind(memory: Uint8Array): NativeExports
}

/** Multiplications from which machine code wins, the cost of its call included. */
const productFrom = 50_000

/* Small work has two calls, not a choice of one: only a call that is always the same is inlined. */

export function chooseKernels(wasm: WasmExports, native: NativeExports): WasmExports {
  return {
    ...wasm,
    gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate) {
      if (M * N * K < productFrom) {
        wasm.gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
      } else native.gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
    },
  }
}
