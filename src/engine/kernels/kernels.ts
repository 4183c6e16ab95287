/**
 * @file The kernel table: every operation by name. A table is an argument of whatever computes.
 *
 * The signatures are those of the reference, where shapes and formulas stand. A kernel gets views of
 * the job's one memory, outputs first, then inputs, then sizes; a table in WebAssembly reads their
 * byte offsets. It keeps no pointer between calls, allocates nothing and never fails. A table may
 * share an operation between threads, as long as it divides outputs and never a sum.
 */

import type { adamStep } from './reference/adam.ts'
import type {
  binaryCrossEntropyBackward,
  binaryCrossEntropyForward,
  countCorrectSigns,
} from './reference/binary-cross-entropy.ts'
import type {
  categoricalCrossEntropyBackward,
  categoricalCrossEntropyForward,
  countCorrectClasses,
} from './reference/categorical-cross-entropy.ts'
import type {
  denseBackwardInput,
  denseBackwardParameters,
  denseForward,
} from './reference/dense.ts'
import type { dropoutBackward, dropoutForward } from './reference/dropout.ts'
import type { clear, copy, scale, sum, sumOfSquares } from './reference/elementwise.ts'
import type { gatherRows } from './reference/gather-rows.ts'
import type {
  geluBackward,
  geluForward,
  geluTanhBackward,
  geluTanhForward,
} from './reference/gelu.ts'
import type { reluBackward, reluForward } from './reference/relu.ts'
import type { rmspropMomentumStep, rmspropStep } from './reference/rmsprop.ts'
import type { momentumStep, sgdStep } from './reference/sgd.ts'
import type { sigmoidBackward, sigmoidForward } from './reference/sigmoid.ts'
import type { softmaxBackward, softmaxForward } from './reference/softmax.ts'
import type { squaredErrorBackward, squaredErrorForward } from './reference/squared-error.ts'
import type { tanhBackward, tanhForward } from './reference/tanh.ts'
import type { SequenceKernels } from './sequence-kernels.ts'
import type { VisionKernels } from './vision-kernels.ts'

export interface Kernels extends SequenceKernels, VisionKernels {
  readonly name: string
  /** Tables of one version have the same bits; snapshots of another version are refused. */
  readonly numericsVersion: number
  readonly denseForward: typeof denseForward
  readonly denseBackwardInput: typeof denseBackwardInput
  readonly denseBackwardParameters: typeof denseBackwardParameters
  readonly sigmoidForward: typeof sigmoidForward
  readonly sigmoidBackward: typeof sigmoidBackward
  readonly tanhForward: typeof tanhForward
  readonly tanhBackward: typeof tanhBackward
  readonly reluForward: typeof reluForward
  readonly reluBackward: typeof reluBackward
  readonly geluForward: typeof geluForward
  readonly geluBackward: typeof geluBackward
  readonly geluTanhForward: typeof geluTanhForward
  readonly geluTanhBackward: typeof geluTanhBackward
  readonly softmaxForward: typeof softmaxForward
  readonly softmaxBackward: typeof softmaxBackward
  readonly dropoutForward: typeof dropoutForward
  readonly dropoutBackward: typeof dropoutBackward
  readonly squaredErrorForward: typeof squaredErrorForward
  readonly squaredErrorBackward: typeof squaredErrorBackward
  readonly binaryCrossEntropyForward: typeof binaryCrossEntropyForward
  readonly binaryCrossEntropyBackward: typeof binaryCrossEntropyBackward
  readonly countCorrectSigns: typeof countCorrectSigns
  readonly categoricalCrossEntropyForward: typeof categoricalCrossEntropyForward
  readonly categoricalCrossEntropyBackward: typeof categoricalCrossEntropyBackward
  readonly countCorrectClasses: typeof countCorrectClasses
  readonly sgdStep: typeof sgdStep
  readonly momentumStep: typeof momentumStep
  readonly adamStep: typeof adamStep
  readonly rmspropStep: typeof rmspropStep
  readonly rmspropMomentumStep: typeof rmspropMomentumStep
  readonly clear: typeof clear
  readonly copy: typeof copy
  readonly scale: typeof scale
  readonly sum: typeof sum
  readonly sumOfSquares: typeof sumOfSquares
  readonly gatherRows: typeof gatherRows
}
