/** @file The part of the kernel table that works on images. */
import type {
  batchNormBackward,
  batchNormEvaluate,
  batchNormForward,
} from './reference/batch-norm.ts'
import type {
  convolutionBackwardInput,
  convolutionBackwardParameters,
  convolutionForward,
} from './reference/convolution.ts'
import type {
  averagePoolBackward,
  averagePoolForward,
  maxPoolBackward,
  maxPoolForward,
  meanBackward,
  meanForward,
} from './reference/pooling.ts'

export interface VisionKernels {
  readonly convolutionForward: typeof convolutionForward
  readonly convolutionBackwardInput: typeof convolutionBackwardInput
  readonly convolutionBackwardParameters: typeof convolutionBackwardParameters
  readonly maxPoolForward: typeof maxPoolForward
  readonly maxPoolBackward: typeof maxPoolBackward
  readonly averagePoolForward: typeof averagePoolForward
  readonly averagePoolBackward: typeof averagePoolBackward
  readonly meanForward: typeof meanForward
  readonly meanBackward: typeof meanBackward
  readonly batchNormForward: typeof batchNormForward
  readonly batchNormEvaluate: typeof batchNormEvaluate
  readonly batchNormBackward: typeof batchNormBackward
}
