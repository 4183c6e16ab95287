/**
 * @file Root mean square normalization along the last dimension, then a learned scale, named as in
 * PyTorch's RMSNorm.
 */
import { ones } from '../initializers/ones.ts'
import { requireOption } from '../require-option.ts'
import { channelsOf, type Shape, sizeOf, vectorsOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'
import { requireChannels } from './require-shape.ts'

export interface RmsNormOptions {
  /** Keeps a row of zeros from dividing by zero; 1e-5 when not given. */
  readonly epsilon?: number
}

const FLOPS_PER_ELEMENT = 5

export function rmsNorm({ epsilon = 1e-5 }: RmsNormOptions = {}): Layer {
  requireOption('rms_norm', 'epsilon', epsilon, { min: 0 })
  return {
    definition: { type: 'rms_norm', epsilon },

    /** (..., C) -> (..., C) */
    plan(input, rows, use): LayerPlan {
      requireChannels('rms_norm', input)
      const C = channelsOf(input)
      const fans = { fanIn: C, fanOut: C }
      const N = rows * vectorsOf(input)
      const flops = sizeOf(input) * FLOPS_PER_ELEMENT
      return {
        output: input,
        parameters: [{ name: 'weight', shape: [C], fans, initializer: ones(), decays: false }],
        saved: use === 'training' ? [N] : [],
        scratch: use === 'training' ? [] : [N],
        flops: { forward: flops, backward: 2 * flops },
        reads: { input: true, output: false },
        repeats: true,
        bind: (views, context) => bindRmsNorm(views, context, input, epsilon),
      }
    },
  }
}

function bindRmsNorm(
  { x, y, dx, dy, parameters, gradients, saved, scratch }: LayerViews,
  { kernels }: LayerContext,
  input: Shape,
  epsilon: number,
): BoundLayer {
  const C = channelsOf(input)
  const vectors = vectorsOf(input)
  const [weight] = parameters
  const [dweight] = gradients
  const [rrms] = saved.length > 0 ? saved : scratch
  return {
    forward: (rows) => kernels.rmsNormForward(y, rrms, x, weight, epsilon, rows * vectors, C),
    backward(rows) {
      const N = rows * vectors
      kernels.rmsNormBackwardWeight(dweight, dy, rrms, x, N, C)
      if (dx) kernels.rmsNormBackwardInput(dx, dy, rrms, x, weight, N, C)
    },
  }
}
