/**
 * @file Layer normalization along the last dimension: zero mean and unit variance, then a learned scale
 * and shift, named as in PyTorch's LayerNorm.
 */
import { ones } from '../initializers/ones.ts'
import { zeros } from '../initializers/zeros.ts'
import { requireOption } from '../require-option.ts'
import { channelsOf, type Shape, sizeOf, vectorsOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'
import { requireChannels } from './require-shape.ts'

export interface LayerNormOptions {
  /** Keeps a constant row from dividing by zero; 1e-5 when not given. */
  readonly epsilon?: number
  /** True when not given. */
  readonly bias?: boolean
}

const FLOPS_PER_ELEMENT = 8

export function layerNorm({ epsilon = 1e-5, bias = true }: LayerNormOptions = {}): Layer {
  requireOption('layer_norm', 'epsilon', epsilon, { min: 0 })
  return {
    definition: { type: 'layer_norm', epsilon, bias },

    /** (..., C) -> (..., C) */
    plan(input, rows, use): LayerPlan {
      requireChannels('layer_norm', input)
      const C = channelsOf(input)
      const fans = { fanIn: C, fanOut: C }
      const weight = { name: 'weight', shape: [C], fans, initializer: ones(), decays: false }
      const shift = { name: 'bias', shape: [C], fans, initializer: zeros(), decays: false }
      const N = rows * vectorsOf(input)
      const flops = sizeOf(input) * FLOPS_PER_ELEMENT
      const moments = [N, N]
      return {
        output: input,
        parameters: bias ? [weight, shift] : [weight],
        saved: use === 'training' ? moments : [],
        scratch: use === 'training' ? [] : moments,
        flops: { forward: flops, backward: 2 * flops },
        reads: { input: true, output: false },
        repeats: true,
        bind: (views, context) => bindLayerNorm(views, context, input, epsilon),
      }
    },
  }
}

function bindLayerNorm(
  { x, y, dx, dy, parameters, gradients, saved, scratch }: LayerViews,
  { kernels }: LayerContext,
  input: Shape,
  epsilon: number,
): BoundLayer {
  const C = channelsOf(input)
  const vectors = vectorsOf(input)
  const [weight, bias = null] = parameters
  const [dweight, dbias = null] = gradients
  const [mean, rstd] = saved.length > 0 ? saved : scratch
  return {
    forward(rows) {
      kernels.layerNormForward(y, mean, rstd, x, weight, bias, epsilon, rows * vectors, C)
    },
    backward(rows) {
      const N = rows * vectors
      kernels.layerNormBackwardParameters(dweight, dbias, dy, mean, rstd, x, N, C)
      if (dx) kernels.layerNormBackwardInput(dx, dy, mean, rstd, x, weight, N, C)
    },
  }
}
