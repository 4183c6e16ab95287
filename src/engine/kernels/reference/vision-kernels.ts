/** @file The reference kernels that work on images. */
import type { VisionKernels } from '../vision-kernels.ts'
import { batchNormBackward, batchNormEvaluate, batchNormForward } from './batch-norm.ts'
import {
  convolutionBackwardInput,
  convolutionBackwardParameters,
  convolutionForward,
} from './convolution.ts'
import {
  averagePoolBackward,
  averagePoolForward,
  maxPoolBackward,
  maxPoolForward,
  meanBackward,
  meanForward,
} from './pooling.ts'

export const referenceVisionKernels: VisionKernels = {
  convolutionForward,
  convolutionBackwardInput,
  convolutionBackwardParameters,
  maxPoolForward,
  maxPoolBackward,
  averagePoolForward,
  averagePoolBackward,
  meanForward,
  meanBackward,
  batchNormForward,
  batchNormEvaluate,
  batchNormBackward,
}
