/**
 * @file Batch normalization: each channel to zero mean and unit variance over the batch, then a learned
 * scale and shift. In evaluation the running statistics stand in for the batch's.
 *
 * Parameters are named as in PyTorch's BatchNorm; the running ones do not train.
 */
import { EngineError } from '../errors.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { ones } from '../initializers/ones.ts'
import { zeros } from '../initializers/zeros.ts'
import { requireOption } from '../require-option.ts'
import { describeShape, type Shape, sizeOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface BatchNormOptions {
  /** Keeps a constant channel from dividing by zero; 1e-5 when not given. */
  readonly epsilon?: number
  /** How far the running statistics move towards a batch's; 0.1 when not given. */
  readonly momentum?: number
}

interface Constants {
  readonly epsilon: number
  readonly momentum: number
}

const FLOPS_PER_ELEMENT = { forward: 8, backward: 12 }

export function batchNorm({ epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {}): Layer {
  requireOption('batch_norm', 'epsilon', epsilon, { min: 0, aboveMin: true })
  requireOption('batch_norm', 'momentum', momentum, { min: 0, max: 1 })
  return {
    definition: { type: 'batch_norm', epsilon, momentum },

    /** (C) -> (C), or (C, H, W) -> (C, H, W) */
    plan(input, _rows, use): LayerPlan {
      const C = requireChannels(input)
      const size = sizeOf(input)
      return {
        output: input,
        parameters: parametersOf(C),
        saved: use === 'training' ? [C, C] : [],
        scratch: [],
        flops: {
          forward: size * FLOPS_PER_ELEMENT.forward,
          backward: size * FLOPS_PER_ELEMENT.backward,
        },
        reads: { input: true, output: false },
        // Of a single number the mean is itself: nothing would be left of it.
        leastRows: size === C ? 2 : 1,
        bind: (views, context) => bindBatchNorm(views, context, C, size / C, { epsilon, momentum }),
      }
    },
  }
}

function requireChannels(input: Shape): number {
  const isKnown = input.length === 1 || input.length === 3
  if (isKnown && sizeOf(input) > 0) return input[0]
  throw new EngineError(
    'shape_mismatch',
    `batch_norm: expected (channels) or (channels, height, width), got ${describeShape(input)}.`,
  )
}

function parametersOf(C: number): LayerPlan['parameters'] {
  const vector = (name: string, initializer: Initializer, trains: boolean) => {
    return { name, shape: [C], fans: { fanIn: 1, fanOut: 1 }, initializer, decays: false, trains }
  }
  return [
    vector('weight', ones(), true),
    vector('bias', zeros(), true),
    vector('running_mean', zeros(), false),
    vector('running_var', ones(), false),
  ]
}

function bindBatchNorm(
  { x, y, dx, dy, parameters, gradients, saved }: LayerViews,
  { kernels }: LayerContext,
  C: number,
  S: number,
  { epsilon, momentum }: Constants,
): BoundLayer {
  const [weight, bias, runningMean, runningVariance] = parameters
  const [dweight, dbias] = gradients
  const [mean, rstd] = saved
  return {
    forward(rows, mode) {
      if (mode === 'evaluate') {
        kernels.batchNormEvaluate(
          y,
          x,
          runningMean,
          runningVariance,
          weight,
          bias,
          epsilon,
          rows,
          C,
          S,
        )
        return
      }
      kernels.batchNormForward(
        y,
        mean,
        rstd,
        runningMean,
        runningVariance,
        x,
        weight,
        bias,
        epsilon,
        momentum,
        rows,
        C,
        S,
      )
    },
    backward(rows) {
      kernels.batchNormBackward(dx, dweight, dbias, dy, x, mean, rstd, weight, rows, C, S)
    },
  }
}
