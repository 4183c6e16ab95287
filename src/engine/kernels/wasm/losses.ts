/** @file Losses, and how many answers are right. Counts are small work: every thread makes its own. */
import type { Kernels } from '../kernels.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { Divider } from './divide.ts'
import type { WasmExports } from './wasm-exports.ts'

type LossKernels = Pick<
  Kernels,
  | 'squaredErrorForward'
  | 'squaredErrorBackward'
  | 'binaryCrossEntropyForward'
  | 'binaryCrossEntropyBackward'
  | 'countCorrectSigns'
  | 'categoricalCrossEntropyForward'
  | 'categoricalCrossEntropyBackward'
  | 'countCorrectClasses'
>

export function lossKernels(wasm: WasmExports, divide: Divider, team: Team): LossKernels {
  return {
    squaredErrorForward: divide.rowBinary(wasm.squaredErrorForward, 1),
    squaredErrorBackward: divide.averaged(wasm.squaredErrorBackward),
    binaryCrossEntropyForward: divide.rowBinary(wasm.binaryCrossEntropyForward, 1),
    binaryCrossEntropyBackward: divide.averaged(wasm.binaryCrossEntropyBackward),
    countCorrectSigns(x, targets, n) {
      const correct = wasm.countCorrectSigns(x.byteOffset, targets.byteOffset, n)
      team.meet() // before anybody loads other targets
      return correct
    },

    categoricalCrossEntropyForward(losses, probabilities, x, targets, N, C) {
      const from = shareStart(team, N, 1)
      wasm.categoricalCrossEntropyForward(
        losses.byteOffset + from * 4,
        probabilities.byteOffset + from * C * 4,
        x.byteOffset + from * C * 4,
        targets.byteOffset + from * 4,
        shareEnd(team, N, 1) - from,
        C,
      )
      team.meet()
    },

    categoricalCrossEntropyBackward(dx, probabilities, targets, N, C) {
      const from = shareStart(team, N, 1)
      wasm.categoricalCrossEntropyBackward(
        dx.byteOffset + from * C * 4,
        probabilities.byteOffset + from * C * 4,
        targets.byteOffset + from * 4,
        shareEnd(team, N, 1) - from,
        C,
        N,
      )
      team.meet()
    },

    countCorrectClasses(x, targets, N, C) {
      const correct = wasm.countCorrectClasses(x.byteOffset, targets.byteOffset, N, C)
      team.meet()
      return correct
    },
  }
}
