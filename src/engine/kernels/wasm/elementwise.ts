/** @file Whole arrays: clear, copy, scale, sums; dropout; and rows of the data set into the batch. */
import type { Kernels } from '../kernels.ts'
import { gatherRows } from '../reference/gather-rows.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { Divider } from './divide.ts'
import type { WasmExports } from './wasm-exports.ts'

type ElementwiseKernels = Pick<
  Kernels,
  | 'clear'
  | 'copy'
  | 'scale'
  | 'sum'
  | 'sumOfSquares'
  | 'gatherRows'
  | 'dropoutForward'
  | 'dropoutBackward'
>

/** Squares are summed in chunks of this many elements, whatever the threads; see docs/numerics.md. */
const chunk = 65_536
const line = 16
const twoTo32 = 4_294_967_296

export function elementwiseKernels(
  wasm: WasmExports,
  divide: Divider,
  team: Team,
): ElementwiseKernels {
  return {
    clear(x, n) {
      const from = shareStart(team, n, line)
      wasm.clear(x.byteOffset + from * 4, shareEnd(team, n, line) - from)
      team.meet()
    },
    copy: divide.unary(wasm.copy),
    scale(x, factor, n) {
      const from = shareStart(team, n, line)
      wasm.scale(x.byteOffset + from * 4, factor, shareEnd(team, n, line) - from)
      team.meet()
    },

    // Each thread sums for itself, in the same order: the same bits. Nobody may write before all have.
    sum(x, n) {
      const total = wasm.sum(x.byteOffset, n)
      team.meet()
      return total
    },
    sumOfSquares(x, n) {
      let total = 0
      for (let from = 0; from < n; from += chunk) {
        const at = x.byteOffset + from * 4
        total += wasm.dot(at, at, Math.min(chunk, n - from))
      }
      team.meet()
      return total
    },

    gatherRows(y, source, order, start, rows, width) {
      if (team.index === 0) gatherRows(y, source, order, start, rows, width)
      team.meet()
    },

    dropoutForward(y, mask, x, rate, seedLow, seedHigh, stream, step, n) {
      wasm.dropoutForward(
        y.byteOffset,
        mask.byteOffset,
        x.byteOffset,
        rate * twoTo32,
        1 / (1 - rate),
        seedLow,
        seedHigh,
        stream,
        step,
        shareStart(team, n, line),
        shareEnd(team, n, line),
      )
      team.meet()
    },
    dropoutBackward: divide.binary(wasm.multiply),
  }
}
