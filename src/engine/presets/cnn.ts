/** @file The convolutional network: convolutions that shrink the image, then a multilayer perceptron. */
import { batchNorm } from '../layers/batch-norm.ts'
import { conv2d } from '../layers/conv2d.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { flatten } from '../layers/flatten.ts'
import type { Layer } from '../layers/layer.ts'
import { maxPool2d } from '../layers/max-pool2d.ts'
import { relu } from '../layers/relu.ts'
import { type Sequential, sequential } from '../layers/sequential.ts'
import { sigmoid } from '../layers/sigmoid.ts'
import { softmax } from '../layers/softmax.ts'
import type { Pair } from '../window.ts'

export interface CnnOptions {
  /** Filters of each convolution. */
  readonly conv: readonly number[]
  /** [3, 3] when not given. */
  readonly kernelSize?: Pair
  /** The size of the max pool after each convolution; [2, 2] when not given, [1, 1] for none. */
  readonly pool?: Pair
  /** Units of each hidden dense layer; none when not given. */
  readonly hidden?: readonly number[]
  /** Before each dense layer; 0 when not given. */
  readonly dropout?: number
  /** After each convolution, which then has no bias; false when not given. */
  readonly batchNorm?: boolean
  readonly outputs: number
  /** `sigmoid` for binary, `softmax` for categorical cross-entropy; `none` when not given. */
  readonly outputActivation?: 'none' | 'sigmoid' | 'softmax'
}

const outputActivations = { none: () => [], sigmoid: () => [sigmoid()], softmax: () => [softmax()] }

export function cnn(options: CnnOptions): Sequential {
  const { conv, kernelSize = [3, 3], pool = [2, 2], hidden = [], dropout: rate = 0 } = options
  const norms = options.batchNorm ?? false
  const stage = (filters: number): Layer[] => [
    conv2d({ filters, kernelSize, bias: !norms }),
    ...(norms ? [batchNorm()] : []),
    relu(),
    ...(pool[0] * pool[1] !== 1 ? [maxPool2d({ size: pool })] : []),
  ]
  const affine = (units: number): Layer[] => [
    ...(rate !== 0 ? [dropout({ rate })] : []),
    dense({ units }),
  ]
  return sequential([
    ...conv.flatMap(stage),
    flatten(),
    ...hidden.flatMap((units) => [...affine(units), relu()]),
    ...affine(options.outputs),
    ...outputActivations[options.outputActivation ?? 'none'](),
  ])
}
