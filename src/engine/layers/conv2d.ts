/**
 * @file Two-dimensional convolution: every filter is a window of weights that moves over the image.
 *
 * The weight is (filters, channels / groups, height, width), named and stored as in PyTorch's Conv2d.
 */
import type { Definition } from '../definition.ts'
import { EngineError } from '../errors.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { torchLinear } from '../initializers/torch-linear.ts'
import { zeros } from '../initializers/zeros.ts'
import {
  type ConvolutionSizes,
  convolutionFlops,
  convolutionScratch,
  convolutionSizes,
} from '../kernels/convolution-sizes.ts'
import { requireOption } from '../require-option.ts'
import { describeShape, type Shape } from '../shape.ts'
import { checkWindow, type Pair, planWindow, requireImage } from '../window.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface Conv2dOptions {
  readonly filters: number
  readonly kernelSize: Pair
  /** [1, 1] when not given. */
  readonly stride?: Pair
  /** On each side, or `same`, which keeps height and width; [0, 0] when not given. */
  readonly padding?: Pair | 'same'
  /** Filters and channels in so many parts, each by itself; 1 when not given. */
  readonly groups?: number
  /** True when not given. */
  readonly bias?: boolean
  /** As PyTorch's Conv2d when not given. */
  readonly weightInitializer?: Initializer
  /** As PyTorch's Conv2d beside its weights, zeros beside others. */
  readonly biasInitializer?: Initializer
}

/** Its options, resolved. */
interface Convolution {
  readonly filters: number
  readonly groups: number
  readonly size: Pair
  readonly stride: Pair
  readonly padding: Pair | 'same'
  readonly weightInitializer: Initializer
  /** Null without a bias. */
  readonly biasInitializer: Initializer | null
}

export function conv2d(options: Conv2dOptions): Layer {
  const { filters, kernelSize: size, stride = [1, 1], padding = [0, 0], groups = 1 } = options
  const { bias = true, weightInitializer = torchLinear() } = options
  requireOption('conv2d', 'filters', filters, { min: 1, integer: true })
  requireOption('conv2d', 'groups', groups, { min: 1, integer: true })
  checkWindow('conv2d', { size, stride, padding }, 'kernelSize')
  if (filters % groups !== 0) {
    throw new EngineError(
      'invalid_definition',
      `conv2d: filters must be a multiple of groups, got ${filters} filters in ${groups} groups.`,
      { option: 'groups' },
    )
  }
  const beside = options.weightInitializer ? zeros() : torchLinear()
  const biasInitializer = bias ? (options.biasInitializer ?? beside) : null
  const definition: Definition = {
    type: 'conv2d',
    filters,
    kernelSize: size,
    stride,
    padding,
    groups,
    weightInitializer: weightInitializer.definition,
    biasInitializer: biasInitializer?.definition ?? null,
  }
  const parts = { filters, groups, size, stride, padding, weightInitializer, biasInitializer }
  return { definition, plan: (input) => planConvolution(parts, input) }
}

/** (I, H, W) -> (O, OH, OW) */
function planConvolution(parts: Convolution, input: Shape): LayerPlan {
  const { filters: O, groups: G, weightInitializer, biasInitializer } = parts
  const image = requireImage('conv2d', input)
  const [I] = image
  if (I % G !== 0) {
    throw new EngineError(
      'shape_mismatch',
      `conv2d: expected a multiple of ${G} channels, since there are ${G} groups, got ${I} in ${describeShape(input)}.`,
      { option: 'groups' },
    )
  }
  const sizes = convolutionSizes(I, O, G, planWindow('conv2d', image, parts))
  const { kH, kW, OH, OW } = sizes
  const shape = [O, I / G, kH, kW]
  const fans = { fanIn: (I / G) * kH * kW, fanOut: O * kH * kW }
  const weight = { name: 'weight', shape, fans, initializer: weightInitializer, decays: true }
  const bias = biasInitializer && [
    { name: 'bias', shape: [O], fans, initializer: biasInitializer, decays: false },
  ]
  return {
    output: [O, OH, OW],
    parameters: [weight, ...(bias ?? [])],
    saved: [],
    scratch: [convolutionScratch(sizes)],
    flops: convolutionFlops(sizes),
    reads: { input: true, output: false },
    bind: (views, context) => bindConvolution(views, context, sizes),
  }
}

function bindConvolution(
  { x, y, dx, dy, parameters, gradients, scratch }: LayerViews,
  { kernels }: LayerContext,
  sizes: ConvolutionSizes,
): BoundLayer {
  const [weight, bias = null] = parameters
  const [dweight, dbias = null] = gradients
  const [space] = scratch
  return {
    forward(rows) {
      kernels.convolutionForward(y, space, x, weight, bias, rows, sizes)
    },
    backward(rows) {
      kernels.convolutionBackwardParameters(dweight, dbias, space, dy, x, rows, sizes)
      if (dx) kernels.convolutionBackwardInput(dx, space, dy, weight, rows, sizes)
    },
  }
}
