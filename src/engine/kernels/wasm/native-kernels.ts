/**
 * @file Kernels in machine code, in the place of WebAssembly's of the same names where there is enough
 * work to pay for the call (11 to 150 ns). Both have the same bits (docs/numerics.md).
 */
import type { Binary, Unary, WasmExports } from './wasm-exports.ts'

/** What the native module has, from ../native/. */
export type NativeExports = Pick<
  WasmExports,
  | 'gemm'
  | 'add'
  | 'multiply'
  | 'addColumnSums'
  | 'reluForward'
  | 'reluBackward'
  | 'geluForward'
  | 'geluForwardSlope'
  | 'geluTanhForward'
  | 'geluTanhForwardSlope'
  | 'normForward'
  | 'normBackwardInput'
  | 'normBackwardParameters'
  | 'attentionLooks'
  | 'attentionLooksAgain'
  | 'attentionSlopes'
  | 'categoricalCrossEntropyForward'
  | 'adamStep'
>

/** The native module: binds to a memory, which must outlive the kernels. */
export interface NativeKernels {
  bind(memory: Uint8Array): NativeExports
}

/** Multiplications from which machine code wins, the cost of its call included. */
export const productFrom = 50_000
/** The same in elements: of what is as fast as memory, and of roots, exponentials and sums of rows. */
const plainFrom = 8_192
const costlyFrom = 512

/* Small work has two calls, not a choice of one: only a call that is always the same is inlined. */

const unary =
  (wasm: Unary, native: Unary, from: number): Unary =>
  (y, x, n) => {
    if (n < from) wasm(y, x, n)
    else native(y, x, n)
  }

const binary =
  (wasm: Binary, native: Binary, from: number): Binary =>
  (z, y, x, n) => {
    if (n < from) wasm(z, y, x, n)
    else native(z, y, x, n)
  }

export function chooseKernels(wasm: WasmExports, native: NativeExports): WasmExports {
  return {
    ...wasm,
    gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate) {
      if (M * N * K < productFrom) {
        wasm.gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
      } else native.gemm(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
    },

    add: unary(wasm.add, native.add, plainFrom),
    multiply: binary(wasm.multiply, native.multiply, plainFrom),
    reluForward: unary(wasm.reluForward, native.reluForward, plainFrom),
    reluBackward: binary(wasm.reluBackward, native.reluBackward, plainFrom),
    geluForward: unary(wasm.geluForward, native.geluForward, costlyFrom),
    geluForwardSlope: binary(wasm.geluForwardSlope, native.geluForwardSlope, costlyFrom),
    geluTanhForward: unary(wasm.geluTanhForward, native.geluTanhForward, costlyFrom),
    geluTanhForwardSlope: binary(
      wasm.geluTanhForwardSlope,
      native.geluTanhForwardSlope,
      costlyFrom,
    ),
    ...chooseRowKernels(wasm, native),

    adamStep(p, m, v, g, rate, b1, oneMinusB1, b2, oneMinusB2, eps, mScale, vScale, l2, keep, n) {
      const step = n < costlyFrom ? wasm.adamStep : native.adamStep
      step(p, m, v, g, rate, b1, oneMinusB1, b2, oneMinusB2, eps, mScale, vScale, l2, keep, n)
    },
  }
}

type RowKernels = Pick<
  WasmExports,
  | 'addColumnSums'
  | 'normForward'
  | 'normBackwardInput'
  | 'normBackwardParameters'
  | 'attentionLooks'
  | 'attentionLooksAgain'
  | 'attentionSlopes'
  | 'categoricalCrossEntropyForward'
>

function chooseRowKernels(wasm: WasmExports, native: NativeExports): RowKernels {
  return {
    addColumnSums(out, x, rows, columns, width) {
      const add = rows * columns < plainFrom ? wasm.addColumnSums : native.addColumnSums
      add(out, x, rows, columns, width)
    },
    normForward(y, mean, rstd, x, weight, bias, epsilon, N, C) {
      const forward = N * C < costlyFrom ? wasm.normForward : native.normForward
      forward(y, mean, rstd, x, weight, bias, epsilon, N, C)
    },
    normBackwardInput(dx, dy, mean, rstd, x, weight, N, C) {
      const backward = N * C < costlyFrom ? wasm.normBackwardInput : native.normBackwardInput
      backward(dx, dy, mean, rstd, x, weight, N, C)
    },
    normBackwardParameters(dweight, dbias, dy, mean, rstd, x, N, columns, width) {
      const isSmall = N * columns < costlyFrom
      const backward = isSmall ? wasm.normBackwardParameters : native.normBackwardParameters
      backward(dweight, dbias, dy, mean, rstd, x, N, columns, width)
    },
    attentionLooks(p, stats, rows, keys, first, isCausal, scale, tokens, token) {
      const look = rows * keys < costlyFrom ? wasm.attentionLooks : native.attentionLooks
      look(p, stats, rows, keys, first, isCausal, scale, tokens, token)
    },
    attentionLooksAgain(p, stats, rows, keys, first, isCausal, scale, tokens, token) {
      const look = rows * keys < costlyFrom ? wasm.attentionLooksAgain : native.attentionLooksAgain
      look(p, stats, rows, keys, first, isCausal, scale, tokens, token)
    },
    attentionSlopes(ds, p, dy, y, rows, keys, first, isCausal, scale, D, width) {
      const slopes = rows * keys < costlyFrom ? wasm.attentionSlopes : native.attentionSlopes
      slopes(ds, p, dy, y, rows, keys, first, isCausal, scale, D, width)
    },
    categoricalCrossEntropyForward(losses, probabilities, x, targets, N, C) {
      const isSmall = N * C < costlyFrom
      const forward = isSmall
        ? wasm.categoricalCrossEntropyForward
        : native.categoricalCrossEntropyForward
      forward(losses, probabilities, x, targets, N, C)
    },
  }
}
