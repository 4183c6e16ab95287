/**
 * @file The dense layer: every output is a weighted sum of all inputs, y = x W^T + b.
 *
 * It works on the last dimension. W is (units, inputs), named and stored as in PyTorch's Linear.
 */
import type { Definition } from '../definition.ts'
import { EngineError } from '../errors.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { torchLinear } from '../initializers/torch-linear.ts'
import { zeros } from '../initializers/zeros.ts'
import { requireOption } from '../require-option.ts'
import { channelsOf, type Shape, sizeOf, vectorsOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface DenseOptions {
  readonly units: number
  /** True when not given. */
  readonly bias?: boolean
  /** As PyTorch's Linear when not given. */
  readonly weightInitializer?: Initializer
  /** As PyTorch's Linear beside its weights, zeros beside others. */
  readonly biasInitializer?: Initializer
  /** The parameter of an enclosing sequence that is the weight, such as `embedding.weight`. */
  readonly sharedWeight?: string
}

export function dense(options: DenseOptions): Layer {
  const { units, bias = true, weightInitializer = torchLinear(), sharedWeight } = options
  requireOption('dense', 'units', units, { min: 1, integer: true })
  const biasInitializer =
    options.biasInitializer ?? (options.weightInitializer ? zeros() : torchLinear())
  const definition: Definition = {
    type: 'dense',
    units,
    bias,
    weightInitializer: weightInitializer.definition,
    biasInitializer: bias ? biasInitializer.definition : null,
    ...(sharedWeight === undefined ? {} : { sharedWeight }),
  }

  return {
    definition,

    /** (..., I) -> (..., O) */
    plan(input): LayerPlan {
      if (input.length === 0 || sizeOf(input) === 0) {
        throw new EngineError('shape_mismatch', 'dense: expected at least one input, got none.')
      }
      const I = channelsOf(input)
      const O = units
      const fans = { fanIn: I, fanOut: O }
      const weight = {
        name: 'weight',
        shape: [O, I],
        fans,
        initializer: weightInitializer,
        shares: sharedWeight,
      }
      const biases = { name: 'bias', shape: [O], fans, initializer: biasInitializer }
      const products = 2 * vectorsOf(input) * I * O
      return {
        output: [...input.slice(0, -1), O],
        parameters: [{ ...weight, decays: true }, ...(bias ? [{ ...biases, decays: false }] : [])],
        saved: [],
        scratch: [],
        flops: { forward: products, backward: 2 * products },
        reads: { input: true, output: false },
        bind: (views, context) => bindDense(views, context, input, O),
      }
    },
  }
}

function bindDense(
  { x, y, dx, dy, parameters, gradients }: LayerViews,
  { kernels }: LayerContext,
  input: Shape,
  O: number,
): BoundLayer {
  const I = channelsOf(input)
  const vectors = vectorsOf(input)
  const [weight, bias = null] = parameters
  const [dweight, dbias = null] = gradients
  return {
    forward(rows) {
      kernels.denseForward(y, x, weight, bias, rows * vectors, I, O)
    },
    backward(rows) {
      kernels.denseBackwardParameters(dweight, dbias, dy, x, rows * vectors, I, O)
      if (dx) kernels.denseBackwardInput(dx, dy, weight, rows * vectors, I, O)
    },
  }
}
