/** @file The matrix product of the fast tables, shared between the threads of a team. */
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { WasmExports } from './wasm-exports.ts'

/** C = A B, or C += A B: byte offsets, sizes, and the distances of rows and columns in elements. */
export type MatrixProduct = WasmExports['gemm']

/** Below this many multiplications a thread is faster than two that meet. */
const shareFrom = 16_384
/** A multiple of the blocks of both kernels. */
const unit = 16

/** Each thread computes some columns, or some rows where there are more of them. All then meet. */
export function divideProduct(product: MatrixProduct, team: Team): MatrixProduct {
  if (team.count === 1) return product
  return (c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate) => {
    if (M * N * K < shareFrom) {
      if (team.index === 0) {
        product(c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
      }
    } else if (N >= M || N >= unit * 2 * team.count) {
      const from = shareStart(team, N, unit)
      const columns = shareEnd(team, N, unit) - from
      const [out, right] = [c + from * 4, b + from * bColumn * 4]
      if (columns > 0) {
        product(out, a, right, M, columns, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
      }
    } else {
      const from = shareStart(team, M, unit)
      const rows = shareEnd(team, M, unit) - from
      const [out, left] = [c + from * cRow * 4, a + from * aRow * 4]
      if (rows > 0) {
        product(out, left, b, rows, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate)
      }
    }
    team.meet()
  }
}
