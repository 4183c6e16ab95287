/** @file Rows of the data set into the batch, reference kernel. */
import type { FloatArray } from '../../memory/float-array.ts'

/** y[r, :] = source[order[start + r], :], or source[start + r, :] where there is no order. */
export function gatherRows(
  y: FloatArray, // (rows, width)
  source: FloatArray, // (any number of rows, width); it need not lie in the job's memory
  order: Uint32Array | null,
  start: number,
  rows: number,
  width: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (order ? order[start + r] : start + r) * width
    const to = r * width
    for (let i = 0; i < width; i++) y[to + i] = source[from + i]
  }
}
