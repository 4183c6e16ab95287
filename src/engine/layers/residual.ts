/**
 * @file A residual connection: layers whose output is added to their input, y = x + f(x).
 *
 * f writes into y, and x is added there; so backward adds dy to the dx that f has made. Where the last
 * layer of f reads its output in the backward pass, it gets a buffer of its own.
 */
import { EngineError } from '../errors.ts'
import { describeShape, sizeOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'
import { sequential } from './sequential.ts'

export interface ResidualOptions {
  readonly layers: readonly Layer[]
}

/** Parameters are named by place, unless there are names, as in `sequential`. */
export function residual({ layers }: ResidualOptions, names?: readonly string[]): Layer {
  const inner = sequential(layers, names)
  return {
    definition: { type: 'residual', inner: inner.definition },

    /** (...) -> (...) */
    plan(input, rows, use): LayerPlan {
      const plan = inner.plan(input, rows, use)
      const [expected, given] = [describeShape(input), describeShape(plan.output)]
      if (expected !== given) {
        throw new EngineError(
          'shape_mismatch',
          `residual: expected layers that give back ${expected}, got ${given}.`,
        )
      }
      const size = sizeOf(input)
      const keepsOutput = use === 'training' && plan.reads?.output !== false
      return {
        ...plan,
        saved: keepsOutput ? [rows * size, ...plan.saved] : plan.saved,
        flops: { forward: plan.flops.forward + size, backward: plan.flops.backward + size },
        reads: { input: plan.reads?.input ?? true, output: false },
        bind: (views, context) => bindResidual(plan, views, context, size, keepsOutput),
      }
    },
  }
}

function bindResidual(
  plan: LayerPlan,
  views: LayerViews,
  context: LayerContext,
  size: number,
  keepsOutput: boolean,
): BoundLayer {
  const { kernels } = context
  const { x, y, dx, dy } = views
  const [own, ...saved] = keepsOutput ? views.saved : [y, ...views.saved]
  const inner = plan.bind({ ...views, y: own, saved }, context)
  return {
    forward(rows, mode) {
      inner.forward(rows, mode)
      if (keepsOutput) kernels.copy(y, own, rows * size)
      kernels.add(y, x, rows * size)
    },
    backward(rows) {
      inner.backward(rows)
      if (dx) kernels.add(dx, dy, rows * size)
    },
  }
}
