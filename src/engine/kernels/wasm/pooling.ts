/** @file Pooling: each thread has its planes. */
import type { FloatArray } from '../../memory/float-array.ts'
import type { Window } from '../../window.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { VisionKernels } from '../vision-kernels.ts'
import type { Pool } from './vision-exports.ts'
import type { WasmExports } from './wasm-exports.ts'

type PoolingKernels = Pick<
  VisionKernels,
  | 'maxPoolForward'
  | 'maxPoolBackward'
  | 'averagePoolForward'
  | 'averagePoolBackward'
  | 'meanForward'
  | 'meanBackward'
>

export function poolingKernels(wasm: WasmExports, team: Team): PoolingKernels {
  /** Of a plane in the first and in the second array there are so many numbers. */
  const divided =
    (kernel: Pool, outSize: (window: Window) => number, inSize: (window: Window) => number) =>
    (out: FloatArray, from: FloatArray, planes: number, window: Window): void => {
      const { H, W, kH, kW, sH, sW, pH, pW, OH, OW } = window
      const first = shareStart(team, planes, 1)
      const count = shareEnd(team, planes, 1) - first
      const to = out.byteOffset + first * outSize(window) * 4
      const source = from.byteOffset + first * inSize(window) * 4
      kernel(to, source, count, H, W, kH, kW, sH, sW, pH, pW, OH, OW)
      team.meet()
    }
  const sizeIn = ({ H, W }: Window) => H * W
  const sizeOut = ({ OH, OW }: Window) => OH * OW

  return {
    maxPoolForward: divided(wasm.maxPoolForward, sizeOut, sizeIn),
    averagePoolForward: divided(wasm.averagePoolForward, sizeOut, sizeIn),
    averagePoolBackward: divided(wasm.averagePoolBackward, sizeIn, sizeOut),

    maxPoolBackward(dx, dy, y, x, planes, window) {
      const { H, W, kH, kW, sH, sW, pH, pW, OH, OW } = window
      const first = shareStart(team, planes, 1)
      const count = shareEnd(team, planes, 1) - first
      const coming = first * H * W * 4
      const going = first * OH * OW * 4
      wasm.maxPoolBackward(
        dx.byteOffset + coming,
        dy.byteOffset + going,
        y.byteOffset + going,
        x.byteOffset + coming,
        count,
        H,
        W,
        kH,
        kW,
        sH,
        sW,
        pH,
        pW,
        OH,
        OW,
      )
      team.meet()
    },

    meanForward(y, x, rows, size) {
      const first = shareStart(team, rows, 16)
      const count = shareEnd(team, rows, 16) - first
      wasm.meanForward(y.byteOffset + first * 4, x.byteOffset + first * size * 4, count, size)
      team.meet()
    },

    meanBackward(dx, dy, rows, size) {
      const first = shareStart(team, rows, 16)
      const count = shareEnd(team, rows, 16) - first
      wasm.meanBackward(dx.byteOffset + first * size * 4, dy.byteOffset + first * 4, count, size)
      team.meet()
    },
  }
}
