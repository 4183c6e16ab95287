/** @file The multilayer perceptron: dense layers with an activation between each two. */
import type { Initializer } from '../initializers/initializer.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { gelu } from '../layers/gelu.ts'
import type { Layer } from '../layers/layer.ts'
import { relu } from '../layers/relu.ts'
import { type Sequential, sequential } from '../layers/sequential.ts'
import { sigmoid } from '../layers/sigmoid.ts'
import { softmax } from '../layers/softmax.ts'
import { tanh } from '../layers/tanh.ts'

export interface MlpOptions {
  /** Units of each hidden layer; empty for a linear model. */
  readonly hidden: readonly number[]
  readonly activation: MlpActivation
  /** After each hidden activation; 0 when not given. */
  readonly dropout?: number
  readonly outputs: number
  /** `sigmoid` for binary, `softmax` for categorical cross-entropy; `none` when not given. */
  readonly outputActivation?: 'none' | 'sigmoid' | 'softmax'
  readonly weightInitializer?: Initializer
}

export type MlpActivation = keyof typeof activations

const activations = { sigmoid, tanh, relu, gelu } satisfies Record<string, () => Layer>
const outputActivations = { none: () => [], sigmoid: () => [sigmoid()], softmax: () => [softmax()] }

export function mlp(options: MlpOptions): Sequential {
  const { hidden, activation, dropout: rate = 0, outputs, weightInitializer } = options
  const block = (units: number): Layer[] => [
    dense({ units, weightInitializer }),
    activations[activation](),
    ...(rate !== 0 ? [dropout({ rate })] : []),
  ]
  return sequential([
    ...hidden.flatMap(block),
    dense({ units: outputs, weightInitializer }),
    ...outputActivations[options.outputActivation ?? 'none'](),
  ])
}
