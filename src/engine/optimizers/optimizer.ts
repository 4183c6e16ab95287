/**
 * @file What an optimizer is: which state it needs, and one step.
 *
 * State is plain: `slots`, tensors shaped like the parameters that start at zero, and products, numbers
 * that start at 1 and are multiplied by `factors` at each step. The learning rate arrives with every step,
 * so schedules are ordinary functions and optimizers know nothing of them.
 */
import type { Definition } from '../definition.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { FloatArray } from '../memory/float-array.ts'

export interface Optimizer {
  readonly definition: Definition
  readonly slots: readonly string[]
  /** What each running product is multiplied by; powers are not computed, as they differ by machine. */
  readonly factors: readonly number[]
  readonly decays: DecayedParameters
  /** Floating point operations for one parameter. */
  readonly flopsPerParameter: number
  bind(group: ParameterGroup, kernels: Kernels): OptimizerStep
}

/** Which parameters weight decay applies to. PyTorch decays `all`; `matrices` spares the biases. */
export type DecayedParameters = 'all' | 'matrices'

/** A part of the parameters that is treated alike; contiguous, so that a step is one call. */
export interface ParameterGroup {
  readonly p: FloatArray // (n)
  readonly g: FloatArray // (n)
  readonly slots: readonly FloatArray[] // each (n)
  readonly decays: boolean
}

/** `products` are those of this step: the trainer multiplies them, once for all groups. */
export type OptimizerStep = (learningRate: number, products: Float64Array) => void
