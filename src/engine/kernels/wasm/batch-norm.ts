/** @file Batch normalization: each thread has its channels; in evaluation, its images. */
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { VisionKernels } from '../vision-kernels.ts'
import type { WasmExports } from './wasm-exports.ts'

type BatchNormKernels = Pick<
  VisionKernels,
  'batchNormForward' | 'batchNormEvaluate' | 'batchNormBackward'
>

export function batchNormKernels(wasm: WasmExports, team: Team): BatchNormKernels {
  return {
    batchNormForward(
      y,
      mean,
      rstd,
      runningMean,
      runningVariance,
      x,
      weight,
      bias,
      epsilon,
      momentum,
      N,
      C,
      S,
    ) {
      wasm.batchNormForward(
        y.byteOffset,
        mean.byteOffset,
        rstd.byteOffset,
        runningMean.byteOffset,
        runningVariance.byteOffset,
        x.byteOffset,
        weight.byteOffset,
        bias.byteOffset,
        epsilon,
        momentum,
        N,
        C,
        S,
        shareStart(team, C, 1),
        shareEnd(team, C, 1),
      )
      team.meet()
    },

    batchNormEvaluate(y, x, runningMean, runningVariance, weight, bias, epsilon, N, C, S) {
      wasm.batchNormEvaluate(
        y.byteOffset,
        x.byteOffset,
        runningMean.byteOffset,
        runningVariance.byteOffset,
        weight.byteOffset,
        bias.byteOffset,
        epsilon,
        C,
        S,
        shareStart(team, N, 1),
        shareEnd(team, N, 1),
      )
      team.meet()
    },

    batchNormBackward(dx, dweight, dbias, dy, x, mean, rstd, weight, N, C, S) {
      wasm.batchNormBackward(
        dx?.byteOffset ?? 0,
        dweight.byteOffset,
        dbias.byteOffset,
        dy.byteOffset,
        x.byteOffset,
        mean.byteOffset,
        rstd.byteOffset,
        weight.byteOffset,
        N,
        C,
        S,
        shareStart(team, C, 1),
        shareEnd(team, C, 1),
      )
      team.meet()
    },
  }
}
