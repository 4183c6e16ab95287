/** @file Layer and RMS normalization: rows are divided, and for the parameters columns. */
import type { Kernels } from '../kernels.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { WasmExports } from './wasm-exports.ts'

type NormKernels = Pick<
  Kernels,
  | 'layerNormForward'
  | 'layerNormBackwardInput'
  | 'layerNormBackwardParameters'
  | 'rmsNormForward'
  | 'rmsNormBackwardInput'
  | 'rmsNormBackwardWeight'
>

/** A cache line of float32: no two threads write into one. */
const line = 16
const none = 0

export function normKernels(wasm: WasmExports, team: Team): NormKernels {
  function backwardInput(
    dx: number,
    dy: number,
    mean: number,
    rstd: number,
    x: number,
    weight: number,
    N: number,
    C: number,
  ): void {
    const from = shareStart(team, N, 1)
    const at = from * C * 4
    const means = mean === none ? none : mean + from * 4
    const rows = shareEnd(team, N, 1) - from
    wasm.normBackwardInput(dx + at, dy + at, means, rstd + from * 4, x + at, weight, rows, C)
    team.meet()
  }

  function backwardParameters(
    dweight: number,
    dbias: number,
    dy: number,
    mean: number,
    rstd: number,
    x: number,
    N: number,
    C: number,
  ): void {
    const from = shareStart(team, C, line)
    const at = from * 4
    const biases = dbias === none ? none : dbias + at
    const columns = shareEnd(team, C, line) - from
    wasm.normBackwardParameters(dweight + at, biases, dy + at, mean, rstd, x + at, N, columns, C)
    team.meet()
  }

  return {
    layerNormForward(y, mean, rstd, x, weight, bias, epsilon, N, C) {
      const from = shareStart(team, N, line)
      const at = from * C * 4
      wasm.normForward(
        y.byteOffset + at,
        mean.byteOffset + from * 4,
        rstd.byteOffset + from * 4,
        x.byteOffset + at,
        weight.byteOffset,
        bias ? bias.byteOffset : none,
        epsilon,
        shareEnd(team, N, line) - from,
        C,
      )
      team.meet()
    },
    layerNormBackwardInput(dx, dy, mean, rstd, x, weight, N, C) {
      const [dxAt, dyAt, xAt] = [dx.byteOffset, dy.byteOffset, x.byteOffset]
      backwardInput(dxAt, dyAt, mean.byteOffset, rstd.byteOffset, xAt, weight.byteOffset, N, C)
    },
    layerNormBackwardParameters(dweight, dbias, dy, mean, rstd, x, N, C) {
      backwardParameters(
        dweight.byteOffset,
        dbias ? dbias.byteOffset : none,
        dy.byteOffset,
        mean.byteOffset,
        rstd.byteOffset,
        x.byteOffset,
        N,
        C,
      )
    },

    rmsNormForward(y, rrms, x, weight, epsilon, N, C) {
      const from = shareStart(team, N, line)
      const at = from * C * 4
      wasm.normForward(
        y.byteOffset + at,
        none,
        rrms.byteOffset + from * 4,
        x.byteOffset + at,
        weight.byteOffset,
        none,
        epsilon,
        shareEnd(team, N, line) - from,
        C,
      )
      team.meet()
    },
    rmsNormBackwardInput(dx, dy, rrms, x, weight, N, C) {
      const [dxAt, dyAt, xAt] = [dx.byteOffset, dy.byteOffset, x.byteOffset]
      backwardInput(dxAt, dyAt, none, rrms.byteOffset, xAt, weight.byteOffset, N, C)
    },
    rmsNormBackwardWeight(dweight, dy, rrms, x, N, C) {
      const [dyAt, xAt] = [dy.byteOffset, x.byteOffset]
      backwardParameters(dweight.byteOffset, none, dyAt, none, rrms.byteOffset, xAt, N, C)
    },
  }
}
