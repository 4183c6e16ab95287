/**
 * @file What a loss is: from the output of the network and the targets to a number, and back.
 *
 * Like a layer it is planned, then bound. It may take the place of the network's last activation, so
 * that it can work from logits; which one, it says in `absorbs`.
 */
import type { Definition } from '../definition.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { Flops } from '../layers/layer.ts'
import type { FloatArray } from '../memory/float-array.ts'
import type { RowSource } from '../memory/row-source.ts'
import type { Shape } from '../shape.ts'

export interface Loss {
  readonly definition: Definition
  /** The activation that the network must end in, and that the loss computes instead of it. */
  readonly absorbs: 'sigmoid' | 'softmax' | null
  plan(output: Shape, rows: number): LossPlan
}

export interface LossPlan {
  /** The shape of the targets of one sample. */
  readonly targets: Shape
  /** How many terms of one sample the mean is taken over. */
  readonly terms: number
  /** How many right or wrong answers one sample has; 0 where the loss has no such thing. */
  readonly decisions: number
  readonly saved: readonly number[]
  readonly flops: Flops
  /** Throws `invalid_data` for targets that the loss cannot use. */
  checkTargets(targets: RowSource): void
  bind(views: LossViews, kernels: Kernels): BoundLoss
}

export interface LossViews {
  readonly y: FloatArray // (rows, ...output), logits where an activation was absorbed
  readonly dy: FloatArray // (rows, ...output)
  readonly targets: FloatArray // (rows, ...targets)
  readonly saved: readonly FloatArray[]
}

export interface BoundLoss {
  /** The sum of rows * terms losses. */
  forward(rows: number): number
  /** Assigns dy, the gradient of the mean. Reads what the last forward pass left. */
  backward(rows: number): void
  /** How many of rows * decisions answers are right. */
  countCorrect(rows: number): number
}
