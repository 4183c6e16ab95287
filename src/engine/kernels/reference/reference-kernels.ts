/**
 * @file The reference table: plain loops that say what each operation means, and judge the fast
 * tables to 1e-5. It runs every job where there is no faster one, and is never a fallback within one.
 */
import { numericsVersions } from '../../numerics/version.ts'
import type { Kernels } from '../kernels.ts'
import { adamStep } from './adam.ts'
import {
  binaryCrossEntropyBackward,
  binaryCrossEntropyForward,
  countCorrectSigns,
} from './binary-cross-entropy.ts'
import {
  categoricalCrossEntropyBackward,
  categoricalCrossEntropyForward,
  countCorrectClasses,
} from './categorical-cross-entropy.ts'
import { denseBackwardInput, denseBackwardParameters, denseForward } from './dense.ts'
import { dropoutBackward, dropoutForward } from './dropout.ts'
import { clear, copy, scale, sum, sumOfSquares } from './elementwise.ts'
import { gatherRows } from './gather-rows.ts'
import { geluBackward, geluForward, geluTanhBackward, geluTanhForward } from './gelu.ts'
import { reluBackward, reluForward } from './relu.ts'
import { rmspropMomentumStep, rmspropStep } from './rmsprop.ts'
import { sequenceKernels } from './sequence-kernels.ts'
import { momentumStep, sgdStep } from './sgd.ts'
import { sigmoidBackward, sigmoidForward } from './sigmoid.ts'
import { softmaxBackward, softmaxForward } from './softmax.ts'
import { squaredErrorBackward, squaredErrorForward } from './squared-error.ts'
import { tanhBackward, tanhForward } from './tanh.ts'
import { referenceVisionKernels } from './vision-kernels.ts'

export const referenceKernels: Kernels = {
  name: 'reference',
  numericsVersion: numericsVersions.reference,
  denseForward,
  denseBackwardInput,
  denseBackwardParameters,
  sigmoidForward,
  sigmoidBackward,
  tanhForward,
  tanhBackward,
  reluForward,
  reluBackward,
  geluForward,
  geluBackward,
  geluTanhForward,
  geluTanhBackward,
  softmaxForward,
  softmaxBackward,
  dropoutForward,
  dropoutBackward,
  squaredErrorForward,
  squaredErrorBackward,
  binaryCrossEntropyForward,
  binaryCrossEntropyBackward,
  countCorrectSigns,
  categoricalCrossEntropyForward,
  categoricalCrossEntropyBackward,
  countCorrectClasses,
  sgdStep,
  momentumStep,
  adamStep,
  rmspropStep,
  rmspropMomentumStep,
  clear,
  copy,
  scale,
  sum,
  sumOfSquares,
  gatherRows,
  ...sequenceKernels,
  ...referenceVisionKernels,
}
